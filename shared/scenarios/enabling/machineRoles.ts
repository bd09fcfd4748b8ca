// Finds the role of a machine: a replicated VM has a machine on each side, and sometimes a test VM.
// At most one of these machines may run. Pure.
import { nameOf, vaultOf } from '../../core/armId.ts';
import type { ReplicatedVmFacts } from '../../azure/replicatedVmFacts.ts';
import type { SourceVm } from '../../azure/facts.ts';
import type { Refusal } from '../../core/refusal.ts';
import { mergeKnownMachines } from '../../siterecovery/knownMachines.ts';

/**
 * Gives the reason why nobody may enable or start a machine, according to its role. Undefined when
 * the machine has no role.
 */
export type FindRoleRefusal = (vm: Pick<SourceVm, 'id' | 'power'>) => Refusal | undefined;

/**
 * `remembered` comes from the registry. The registry knows machines that an item no longer shows,
 * and vaults without a read.
 */
export function roleRefusalsFrom(
  current: readonly ReplicatedVmFacts[],
  remembered: readonly ReplicatedVmFacts[],
): FindRoleRefusal {
  const byMachine = new Map<string, ReplicatedVmFacts>();
  for (const replica of mergeReplicas(current, remembered)) {
    const { source, other, expected, test } = replica.machines;
    // A machine that a service reports is more certain than an expected name.
    for (const id of [test, other, source]) if (id !== null) byMachine.set(id, replica);
    if (expected !== null && !byMachine.has(expected)) byMachine.set(expected, replica);
  }
  return ({ id, power }) => {
    const replica = byMachine.get(id.toLowerCase());
    return replica && roleRefusalOf(replica, id.toLowerCase(), power);
  };
}

function mergeReplicas(
  current: readonly ReplicatedVmFacts[],
  remembered: readonly ReplicatedVmFacts[],
): readonly ReplicatedVmFacts[] {
  const rememberedByKey = new Map(
    remembered.flatMap(
      (replica) =>
        [
          [replica.vmId ?? '', replica],
          [itemKeyOf(replica), replica],
        ] as const,
    ),
  );
  const matched = new Set<ReplicatedVmFacts>();
  const merged = current.map((replica) => {
    const rememberedReplica =
      rememberedByKey.get(replica.vmId ?? itemKeyOf(replica)) ?? rememberedByKey.get(itemKeyOf(replica));
    if (!rememberedReplica) return replica;
    matched.add(rememberedReplica);
    return {
      ...replica,
      vmId: rememberedReplica.vmId,
      machines: mergeKnownMachines(replica.machines, rememberedReplica.machines),
    };
  });
  return [...remembered.filter((replica) => !matched.has(replica)), ...merged];
}

/** A reprotect keeps the name of the item in its vault. */
const itemKeyOf = ({ itemId }: ReplicatedVmFacts): string =>
  `${vaultOf(itemId)}/${nameOf(itemId)}`.toLowerCase();

function roleRefusalOf(
  replica: ReplicatedVmFacts,
  id: string,
  power: SourceVm['power'],
): Refusal | undefined {
  const { source, other, expected, test, failedOver, failingOver, reversed } = replica.machines;
  if (id === test) return testVmRefusal(replica);
  if (failedOver || failingOver) {
    if (id === (other ?? expected)) return failedOverRefusal(replica);
    return id === source && failedOver ? otherSideRefusal(replica, power) : undefined;
  }
  if (id === source) return undefined;
  if (id === other || reversed) return otherSideRefusal(replica, power);
  // A foreign machine may have this name. A stopped machine counts as the other side, because this
  // mistake is safe.
  return power === 'running' ? undefined : otherSideRefusal(replica, power);
}

const describeReplica = ({ name, vmId, itemId }: ReplicatedVmFacts): string =>
  `${name} (${vmId ?? `in the vault ${nameOf(vaultOf(itemId))}`})`;

const otherSideRefusal = (replica: ReplicatedVmFacts, power: SourceVm['power']): Refusal => ({
  code: 'OtherSide',
  message:
    `It is the other side of ${describeReplica(replica)}, which runs in ${replica.machines.region}. ` +
    'Leave it ' +
    `off.${power === 'running' ? ' It runs now, with the same name and the same data: shut it down.' : ''}`,
});

const testVmRefusal = (replica: ReplicatedVmFacts): Refusal => ({
  code: 'TestVm',
  message:
    `It is the test VM of ${describeReplica(replica)}, which a test failover has created. It disappears when ` +
    'the test is cleaned up. Do not enable it.',
});

const failedOverRefusal = (replica: ReplicatedVmFacts): Refusal => ({
  code: 'FailedOver',
  message:
    `It is ${describeReplica(replica)} itself, which a failover has started here. Its replication ` +
    'continues after a reprotect. Do not enable it again.',
});
