// The cache storage account of a reprotect, if neither the command nor the registry names one.
import { requestedCacheId } from '../attempts/reprotectTarget.ts';
import type { Prerequisite } from '../azure/prerequisite.ts';
import type { Command } from '../commands/command.ts';
import type { ReplicatedVmDocument } from '../replications/documents.ts';
import { requireCapabilities } from '../scenarios/drivers.ts';

/** The cache that the job must create. Undefined: a cache exists or the scenario needs none. */
export const cacheToCreate = (vm: ReplicatedVmDocument, command: Command): Prerequisite | undefined =>
  requireCapabilities(vm.scenario).reprotect?.cacheToCreate(vm, requestedCacheId(command));
