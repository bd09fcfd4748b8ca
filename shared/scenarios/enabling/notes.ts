// Collects the results of the enabling rules for one VM or request: refusals, warnings, choices and
// prerequisites.
import type { Warning } from '../../core/warning.ts';
import type { Choice } from './preview.ts';
import type { Refusal } from '../../core/refusal.ts';
import type { Prerequisite } from '../../azure/prerequisite.ts';

/** The results so far. The rules append to the lists. */
export interface Notes {
  readonly refusals: Refusal[];
  readonly warnings: Warning[];
  readonly choices: Choice[];
  /** The prerequisites of the decisions so far. */
  readonly prerequisites: PlannedPrerequisite[];
}

/** Notes without any entry. */
export const emptyNotes = (): Notes => ({ refusals: [], warnings: [], choices: [], prerequisites: [] });

/**
 * Adds a refusal once. Gives false, so that a rule can end with it. Several disks with the same
 * problem give one refusal.
 */
export function refuse(notes: Pick<Notes, 'refusals'>, code: string, message: string): false {
  if (!notes.refusals.some((refusal) => refusal.code === code && refusal.message === message))
    notes.refusals.push({ code, message });
  return false;
}

/** Adds a warning once. A warning refuses nothing. */
export function warn(notes: Pick<Notes, 'warnings'>, code: string, message: string): void {
  if (!notes.warnings.some((warning) => warning.code === code && warning.message === message))
    notes.warnings.push({ code, message });
}

/** Copies the refusals of a rule that many VMs share to this VM. */
export function copyRefusals(notes: Pick<Notes, 'refusals'>, refusals: readonly Refusal[]): void {
  for (const { code, message } of refusals) refuse(notes, code, message);
}

/** Records one choice with its reason. */
export function recordChoice(notes: Notes, what: string, chosen: string, reason: string): void {
  notes.choices.push({ what, chosen, reason });
}

/** Adds a prerequisite once, and gives it back. */
export function addPrerequisite(notes: Notes, prerequisite: PlannedPrerequisite): PlannedPrerequisite {
  if (!notes.prerequisites.includes(prerequisite)) notes.prerequisites.push(prerequisite);
  return prerequisite;
}

const MAX_LISTED_VALUES = 20;

/** Formats possible values for a message, with a limit on their number. */
export function formatList(values: readonly string[]): string {
  if (values.length === 0) return 'none';
  const omitted = values.length - MAX_LISTED_VALUES;
  return `${values.slice(0, MAX_LISTED_VALUES).join(', ')}${omitted > 0 ? ` and ${omitted} more` : ''}`;
}

/**
 * Advises the values that are possible, or says that there is none. `otherwise`: what helps without
 * any of the values.
 */
export function suggestOneOf(values: readonly string[], where?: string, otherwise?: string): string {
  if (values.length === 0) {
    const instead =
      otherwise === undefined ? '' : ` ${otherwise.charAt(0).toUpperCase()}${otherwise.slice(1)}.`;
    return `There is none to choose${where === undefined ? '' : ` in ${where}`}.${instead}`;
  }
  const instead = otherwise === undefined ? '' : `; or ${otherwise}`;
  return `Name one of${where === undefined ? '' : ` ${where}`}: ${formatList(values)}${instead}.`;
}

/**
 * A prerequisite during planning. It links to its own prerequisites, so that a VM brings all of
 * them along.
 */
export interface PlannedPrerequisite extends Prerequisite {
  readonly dependsOn: readonly PlannedPrerequisite[];
}
