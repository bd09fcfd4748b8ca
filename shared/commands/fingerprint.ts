// The fingerprint of a command: two commands with the same fingerprint are the same command.
import { fingerprintOf } from '../core/ids.ts';
import { renamed } from '../core/renamed.ts';
import type { Command } from './command.ts';

/**
 * The names that these fields had up to schema 9. Jobs, decisions and votes keep fingerprints that
 * were made with them, so a command keeps its fingerprint when a field gets another name.
 */
const NAMES_AT_FIRST = new Map([
  ['allowFailedChecks', 'despite'],
  ['exclude', 'leaveOut'],
]);

export const fingerprintOfCommand = (command: Command): string =>
  fingerprintOf(renamed(command, NAMES_AT_FIRST));
