// What the rules leave behind while they decide.
import type { Warning } from '../../core/warning.ts';
import type { Choice } from './preview.ts';
import type { Refusal } from '../../core/refusal.ts';
import type { Prerequisite } from '../../azure/prerequisite.ts';

export interface Notes {
  readonly refusals: Refusal[];
  readonly warnings: Warning[];
  readonly choices: Choice[];
  /** What must be there for the decisions that were made. */
  readonly prerequisites: PlannedPrerequisite[];
}

export const emptyNotes = (): Notes => ({ refusals: [], warnings: [], choices: [], prerequisites: [] });

/**
 * Gives false, so that a rule can end with it: nothing was decided. What is wrong for several disks
 * alike is said once.
 */
export function refuse(notes: Pick<Notes, 'refusals'>, code: string, message: string): false {
  if (!notes.refusals.some((refusal) => refusal.code === code && refusal.message === message))
    notes.refusals.push({ code, message });
  return false;
}

/** Told, and refuses nothing. */
export function warn(notes: Pick<Notes, 'warnings'>, code: string, message: string): void {
  if (!notes.warnings.some((warning) => warning.code === code && warning.message === message))
    notes.warnings.push({ code, message });
}

/** What a rule that many VMs share has found wrong, said of this one too. */
export function copyRefusals(notes: Pick<Notes, 'refusals'>, refusals: readonly Refusal[]): void {
  for (const { code, message } of refusals) refuse(notes, code, message);
}

export function recordChoice(notes: Notes, what: string, chosen: string, reason: string): void {
  notes.choices.push({ what, chosen, reason });
}

export function addPrerequisite(notes: Notes, prerequisite: PlannedPrerequisite): PlannedPrerequisite {
  if (!notes.prerequisites.includes(prerequisite)) notes.prerequisites.push(prerequisite);
  return prerequisite;
}

const MAX_LISTED_VALUES = 20;

/** Possible values for a message, in a fixed order and not too many. */
export function formatList(values: readonly string[]): string {
  if (values.length === 0) return 'none';
  const omitted = values.length - MAX_LISTED_VALUES;
  return `${values.slice(0, MAX_LISTED_VALUES).join(', ')}${omitted > 0 ? ` and ${omitted} more` : ''}`;
}
/** A part while it is planned: it knows what it needs, so that a VM that names it brings the rest along. */

export interface PlannedPrerequisite extends Prerequisite {
  readonly dependsOn: readonly PlannedPrerequisite[];
}
