// Reads the facts for the plan linter from the registry and the settings.

import { createHash } from 'node:crypto';
import { config } from '../core/config.ts';
import { vmStateOf } from '../scenarios/drivers.ts';
import { VmState } from '../scenarios/lifecycle.ts';
import type { LintFacts, VmFacts } from './rules/lint/facts.ts';
import type { ReplicatedVmDocument } from '../replications/documents.ts';
import { readAllVms } from '../replications/registry.ts';

/** Reads the facts about all known VMs, allowed addresses and the home region. */
export async function readLintFacts(): Promise<LintFacts> {
  const vms = await readAllVms();
  const { LIFEBOAT_REGION: homeRegion, LIFEBOAT_CALLBACKS: addresses } = config();
  return {
    vms: new Map(vms.map((vm) => [vm.id, vmFactsOf(vm, vms)])),
    addresses,
    ...(homeRegion ? { homeRegion } : {}),
    sha256: (text) => createHash('sha256').update(text).digest('hex'),
  };
}

function vmFactsOf(vm: ReplicatedVmDocument, allKnownVms: readonly ReplicatedVmDocument[]): VmFacts {
  const group = vm.settings?.multiVmGroup ?? null;
  const state = vmStateOf(vm);
  return {
    name: vm.name,
    vaultId: vm.vaultId,
    sourceRegion: vm.sites[vm.direction].region,
    isProtected: state === VmState.protected,
    stateText: `${state}, ${vm.seen.protectionState}`,
    multiVmGroup: group && {
      ...group,
      members: allKnownVms
        .filter((member) => member.vaultId === vm.vaultId && member.settings?.multiVmGroup?.id === group.id)
        .map((member) => member.id),
    },
  };
}
