// A mutant removes one guard and names the test that must then fail.
import type { Mutation } from '../support/mutant.ts';

export interface NamedTest {
  /** The path from the root of the project. */
  readonly file: string;
  /**
   * A piece of the test's name as the file spells it. Exactly one test contains this piece in its
   * full name.
   */
  readonly name: string;
}

export interface Mutant extends Mutation {
  /** A short description in plain words. */
  readonly id: string;
  /** The damage without the guard. */
  readonly reason: string;
  readonly test: NamedTest;
  /** Without the guard the test never ends, so its time-out counts as a kill. */
  readonly mayTimeOut?: true;
  /** The reason why no test can see the change. The run skips such a mutant. */
  readonly equivalent?: string;
}

export type Table = Readonly<Record<string, readonly Mutant[]>>;

/**
 * These tests start the deployed form of the app, so the run first builds the app from the mutated
 * source.
 */
export const startsTheApp = ({ file }: NamedTest): boolean => /^test\/(scenarios|chaos|fuzz)\//.test(file);
