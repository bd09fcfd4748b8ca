// The cache that a reprotect reads through, where none is known.
import { createHash } from 'node:crypto';
import type { Command } from '../commands/command.ts';
import type { Part } from '../azure/prerequisite.ts';
import { opposite } from '../replications/items.ts';
import { cacheFor } from '../attempts/reprotectTarget.ts';
import type { ReplicatedVmDocument } from '../replications/documents.ts';

/**
 * To read from the other region a reprotect needs a cache there; where none is known, one is made
 * beside the VMs that replication will read from.
 */
export function cacheToMake(vm: ReplicatedVmDocument, command: Command): Part | undefined {
  if (cacheFor(vm, command)) return undefined;
  const { region, resourceGroupId } = vm.sites[opposite(vm.direction)];
  const name = `cache${createHash('sha256').update(resourceGroupId.toLowerCase()).digest('hex').slice(0, 15)}asr`;
  return {
    id: `${resourceGroupId}/providers/Microsoft.Storage/storageAccounts/${name}`,
    name,
    action: 'create',
    needs: [],
    why: `No cache storage account in ${region} is known.`,
    spec: { kind: 'storageAccount', region, sku: 'Standard_LRS', accountKind: 'StorageV2', use: 'cache' },
  };
}
