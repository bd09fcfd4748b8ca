// The fingerprint of a command. Equal fingerprints mean equal commands.
import { fingerprintOf } from '../core/ids.ts';
import { renamed } from '../core/renamed.ts';
import { vmRequestsOf } from '../scenarios/drivers.ts';
import { isEnablingCommand, type Command, type EnablingCommand } from './command.ts';

/**
 * The first field names. Jobs, decisions and votes store fingerprints with these names. A
 * command must keep its fingerprint after a rename.
 */
const NAMES_AT_FIRST = new Map([
  ['allowFailedChecks', 'despite'],
  ['exclude', 'leaveOut'],
  ['nic', 'nicId'],
]);

/** Returns the fingerprint of a command, independent of later field names and shapes. */
export const fingerprintOfCommand = (command: Command): string =>
  fingerprintOf(renamed(shapeAtFirst(command), NAMES_AT_FIRST));

/** Up to schema 10, each VM of a request to enable was an object with its settings. */
const shapeAtFirst = (command: Command): object =>
  isEnablingCommand(command) && !isOfSite(command)
    ? { ...command, vms: vmRequestsOf(command), perVm: undefined }
    : command;

/** Commands for machines on premises had no other shape. */
const isOfSite = (
  command: EnablingCommand,
): command is Extract<EnablingCommand, { source: { site: string } }> =>
  command.source !== undefined && 'site' in command.source;
