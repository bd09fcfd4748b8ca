// A guard taken out, and the test that must then fail.
import type { Mutation } from '../support/mutant.ts';

export interface NamedTest {
  /** From the root of the project. */
  readonly file: string;
  /** A piece of the name as the file spells it; exactly one test has this piece in its full name. */
  readonly name: string;
}

export interface Mutant extends Mutation {
  /** Short, in plain words. */
  readonly id: string;
  /** What goes wrong without the guard. */
  readonly reason: string;
  readonly test: NamedTest;
  /** Without the guard the test never ends: then its time-out counts as a kill. */
  readonly mayTimeOut?: true;
  /** Why no test can see the change. Such a mutant is not played. */
  readonly equivalent?: string;
}

export type Table = Readonly<Record<string, readonly Mutant[]>>;

/** These tests start the app as it is deployed, so it is built from the mutated source first. */
export const startsTheApp = ({ file }: NamedTest): boolean => /^test\/(scenarios|chaos|fuzz)\//.test(file);
