// The cache that a reprotect reads through, where none is known.
import { cacheNamed } from '../attempts/reprotectTarget.ts';
import type { Part } from '../azure/prerequisite.ts';
import type { Command } from '../commands/command.ts';
import type { ReplicatedVmDocument } from '../replications/documents.ts';
import { performing } from '../scenarios/drivers.ts';

export const cacheToMake = (vm: ReplicatedVmDocument, command: Command): Part | undefined =>
  performing(vm.scenario).reprotect.cacheToMake(vm, cacheNamed(command));
