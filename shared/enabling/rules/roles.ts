// Which machine is which: a replicated VM has a machine on each side, and sometimes one of a test.
// At most one of them may run.
import { nameOf, vaultOf } from '../../core/armId.ts';
import type { Replica } from '../../azure/replica.ts';
import type { SourceVm } from '../../azure/facts.ts';
import type { Refusal } from '../../core/refusal.ts';
import { remembering } from '../../replications/rules/machines.ts';

/**
 * Why a machine is not to be enabled, nor to be started, by what it is to a replicated VM;
 * undefined when it is nothing to any.
 */
export type RoleOf = (vm: Pick<SourceVm, 'id' | 'power'>) => Refusal | undefined;

/**
 * `remembered`: as the registry has them. It knows what an item no longer tells, and vaults that
 * were not read.
 */
export function rolesAmong(fresh: readonly Replica[], remembered: readonly Replica[]): RoleOf {
  const byMachine = new Map<string, Replica>();
  for (const replica of together(fresh, remembered)) {
    const { source, other, expected, test } = replica.machines;
    // Whatever a service says of a machine goes before the place in which one is expected.
    for (const id of [test, other, source]) if (id !== null) byMachine.set(id, replica);
    if (expected !== null && !byMachine.has(expected)) byMachine.set(expected, replica);
  }
  return ({ id, power }) => {
    const replica = byMachine.get(id.toLowerCase());
    return replica && roleOf(replica, id.toLowerCase(), power);
  };
}

function together(fresh: readonly Replica[], remembered: readonly Replica[]): readonly Replica[] {
  const known = new Map(
    remembered.flatMap(
      (one) =>
        [
          [one.vmId ?? '', one],
          [placeOf(one), one],
        ] as const,
    ),
  );
  const matched = new Set<Replica>();
  const merged = fresh.map((one) => {
    const memory = known.get(one.vmId ?? placeOf(one)) ?? known.get(placeOf(one));
    if (!memory) return one;
    matched.add(memory);
    return { ...one, vmId: memory.vmId, machines: remembering(one.machines, memory.machines) };
  });
  return [...remembered.filter((one) => !matched.has(one)), ...merged];
}

/** A reprotect keeps the item's name in its vault. */
const placeOf = ({ itemId }: Replica): string => `${vaultOf(itemId)}/${nameOf(itemId)}`.toLowerCase();

function roleOf(replica: Replica, id: string, power: SourceVm['power']): Refusal | undefined {
  const { source, other, expected, test, failedOver, failingOver, reversed } = replica.machines;
  if (id === test) return testVm(replica);
  if (failedOver || failingOver) {
    if (id === (other ?? expected)) return comeUp(replica);
    return id === source && failedOver ? otherSide(replica, power) : undefined;
  }
  if (id === source) return undefined;
  if (id === other || reversed) return otherSide(replica, power);
  // Somebody else's machine may have this name. One that does not run is taken for the other side,
  // which is the safe mistake.
  return power === 'running' ? undefined : otherSide(replica, power);
}

const labelOf = ({ name, vmId, itemId }: Replica): string =>
  `${name} (${vmId ?? `in the vault ${nameOf(vaultOf(itemId))}`})`;

const otherSide = (replica: Replica, power: SourceVm['power']): Refusal => ({
  code: 'OtherSide',
  message:
    `It is the other side of ${labelOf(replica)}, which runs in ${replica.machines.region}. ` +
    'Leave it ' +
    `off.${power === 'running' ? ' It runs now, with the same name and the same data: shut it down.' : ''}`,
});

const testVm = (replica: Replica): Refusal => ({
  code: 'TestVm',
  message:
    `It is the test VM of ${labelOf(replica)}, which a test failover has made. It goes when ` +
    'the test is cleaned up. Do not enable it.',
});

const comeUp = (replica: Replica): Refusal => ({
  code: 'FailedOver',
  message:
    `It is ${labelOf(replica)} itself, which a failover has brought up here. Its replication ` +
    'goes on by a reprotect. Do not enable it anew.',
});
