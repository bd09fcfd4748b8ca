// What the rules leave behind while they decide.
import type { Warning } from '../../core/warning.ts';
import type { Choice } from './preview.ts';
import type { Refusal } from '../../core/refusal.ts';
import type { Part } from '../../azure/prerequisite.ts';

export interface Notes {
  readonly refusals: Refusal[];
  readonly warnings: Warning[];
  readonly choices: Choice[];
  /** What must be there for the decisions that were made. */
  readonly parts: Planned[];
}

export const emptyNotes = (): Notes => ({ refusals: [], warnings: [], choices: [], parts: [] });

/**
 * Gives false, so that a rule can end with it: nothing was decided. What is wrong for several disks
 * alike is said once.
 */
export function refuse(notes: Pick<Notes, 'refusals'>, code: string, message: string): false {
  if (!notes.refusals.some((one) => one.code === code && one.message === message))
    notes.refusals.push({ code, message });
  return false;
}

/** Told, and refuses nothing. */
export function warn(notes: Pick<Notes, 'warnings'>, code: string, message: string): void {
  if (!notes.warnings.some((one) => one.code === code && one.message === message))
    notes.warnings.push({ code, message });
}

/** What a rule that many VMs share has found wrong, said of this one too. */
export function refuseToo(notes: Pick<Notes, 'refusals'>, refusals: readonly Refusal[]): void {
  for (const { code, message } of refusals) refuse(notes, code, message);
}

export function choose(notes: Notes, what: string, chosen: string, why: string): void {
  notes.choices.push({ what, chosen, reason: why });
}

export function need(notes: Notes, part: Planned): Planned {
  if (!notes.parts.includes(part)) notes.parts.push(part);
  return part;
}

const MOST_VALUES = 20;

/** Possible values for a message, in a fixed order and not too many. */
export function listed(values: readonly string[]): string {
  if (values.length === 0) return 'none';
  const more = values.length - MOST_VALUES;
  return `${values.slice(0, MOST_VALUES).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
/** A part while it is planned: it knows what it needs, so that a VM that names it brings the rest along. */

export interface Planned extends Part {
  readonly before: readonly Planned[];
}
