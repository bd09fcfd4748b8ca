// The cache that a reprotect reads through, where none is known.
import { requestedCacheId } from '../attempts/reprotectTarget.ts';
import type { Prerequisite } from '../azure/prerequisite.ts';
import type { Command } from '../commands/command.ts';
import type { ReplicatedVmDocument } from '../replications/documents.ts';
import { requireCapabilities } from '../scenarios/drivers.ts';

export const cacheToCreate = (vm: ReplicatedVmDocument, command: Command): Prerequisite | undefined =>
  requireCapabilities(vm.scenario).reprotect.cacheToCreate(vm, requestedCacheId(command));
