// Whether each VM stands where it can.
import { groupsFor, vmsOf } from '../runs.ts';
import { RunName } from '../action.ts';
import { LIMITS, type Group, type Plan } from '../plan.ts';
import type { LintFacts, VmFacts } from './facts.ts';
import { error, info, warning, type Finding, type Path } from '../../../core/finding.ts';

/** `path`: of the list of groups. */
export function vmsOnce(groups: readonly Group[], path: Path): readonly Finding[] {
  const first = new Map<string, string>();
  return groups.flatMap(({ name, vms }, at) =>
    vms.flatMap((vm, one) => {
      const before = first.get(vm);
      first.set(vm, before ?? name);
      return before === undefined
        ? []
        : [
            error(
              'VmTwice',
              [...path, at, 'vms', one],
              `${vm} is in "${before}" already, and a VM can come up only once in a run. Leave it in ` +
                'one of them.',
            ),
          ];
    }),
  );
}

/** Actions around a VM that is not in the group would never be done. */
export const aroundMembers = (groups: readonly Group[], path: Path): readonly Finding[] =>
  groups.flatMap(({ name, vms, perVm }, at) =>
    [...new Set(Object.keys(perVm)).difference(new Set(vms))].map((vm) =>
      error(
        'VmElsewhere',
        [...path, at, 'perVm', vm],
        `"${name}" says what is done around ${vm}, which is not one of its VMs. Add it to the ` +
          `group's vms, or move this to its group.`,
      ),
    ),
  );

export function vmsKnown(
  groups: readonly Group[],
  path: Path,
  { vms: known }: LintFacts,
): readonly Finding[] {
  if (!known) return [];
  return groups.flatMap(({ vms }, at) =>
    vms.flatMap((vm, one): readonly Finding[] => {
      const here = [...path, at, 'vms', one];
      const facts = known.get(vm);
      if (!facts)
        return [
          error(
            'VmUnknown',
            here,
            `Lifeboat knows no replicated VM ${vm}. GET /api/v1/replications lists those it knows.`,
          ),
        ];
      return facts.isProtected
        ? []
        : [
            warning(
              'VmNotProtected',
              here,
              `${facts.name} is not protected now (${facts.stands}). The plan is saved, and a run of ` +
                'it is refused until the VM is protected.',
            ),
          ];
    }),
  );
}

/** Site Recovery fails the members of a multi-VM group over together or not at all. */
export function multiVmWhole(
  groups: readonly Group[],
  path: Path,
  { vms: known }: LintFacts,
): readonly Finding[] {
  if (!known) return [];
  const groupOf = new Map(groups.flatMap(({ name, vms }) => vms.map((vm) => [vm, name] as const)));
  const told = new Set<string>();
  return groups.flatMap(({ name, vms }, at) =>
    vms.flatMap((vm, one) => {
      const multi = known.get(vm)?.multiVmGroup;
      if (!multi || told.has(multi.id)) return [];
      told.add(multi.id);
      const strays = multi.members.filter((member) => groupOf.get(member) !== name);
      if (strays.length === 0) return [];
      const where = strays
        .map((member) => {
          const group = groupOf.get(member);
          return (
            `${known.get(member)?.name ?? member} ` +
            (group === undefined ? 'is not in this run' : `is in "${group}"`)
          );
        })
        .join(', ');
      return [
        error(
          'MultiVmPart',
          [...path, at, 'vms', one],
          `${known.get(vm)?.name ?? vm} belongs to the multi-VM group ${multi.name}, whose members ` +
            `fail over together or not at all; but ${where}. Put all of them into one group.`,
        ),
      ];
    }),
  );
}

/** The region that fails is the one that Lifeboat must not be in. */
export function notFromHome(
  groups: readonly Group[],
  path: Path,
  { vms: known, homeRegion }: LintFacts,
): readonly Finding[] {
  if (!known || homeRegion === undefined) return [];
  return groups.flatMap(({ name, vms }, at) => {
    const inside = vms.flatMap((vm) => {
      const facts = known.get(vm);
      return facts?.sourceRegion === homeRegion ? [facts.name] : [];
    });
    return inside.length === 0
      ? []
      : [
          warning(
            'SourceIsHome',
            [...path, at, 'vms'],
            `${listed(inside)} of "${name}" run${inside.length === 1 ? 's' : ''} in ${homeRegion}, ` +
              'where Lifeboat itself runs: when that region fails, nobody may be there to run the ' +
              'plan. Let Lifeboat run in the region that survives.',
          ),
        ];
  });
}

const listed = (names: readonly string[]): string =>
  names.length > 5 ? `${names.slice(0, 5).join(', ')} and ${names.length - 5} more` : names.join(', ');

/** Who is taken there is to be brought back; who is drilled is to be in the plan. */
export function sameEverywhere(plan: Plan): readonly Finding[] {
  const there = new Set(groupsFor(plan, RunName.failover).flatMap(({ vms }) => vms));
  return ([RunName.failback, RunName.testFailover] as const).flatMap((run) => {
    if (!plan.runs[run]) return [];
    const here = new Set(groupsFor(plan, run).flatMap(({ vms }) => vms));
    const [lost, added] = [[...there.difference(here)], [...here.difference(there)]];
    return [
      ...(run === RunName.failback && lost.length > 0
        ? [
            warning(
              'NotBroughtBack',
              ['runs', run],
              `${listed(lost)} would be failed over and never brought back, since the way back has ` +
                `groups of its own without ${lost.length === 1 ? 'it' : 'them'}. Add what is missing.`,
            ),
          ]
        : []),
      ...(added.length > 0
        ? [
            warning(
              'NotFailedOver',
              ['runs', run],
              `${listed(added)} would take part in ${run} alone, and not in a failover. Add what is ` +
                'missing there, or take it out here.',
            ),
          ]
        : []),
    ];
  });
}

/** What a plan in Site Recovery itself could not do, and so would not survive a move back to it. */
export function beyondNative(plan: Plan, { vms: known }: LintFacts): readonly Finding[] {
  const all = vmsOf(plan);
  const groups = Math.max(...Object.values(RunName).map((run) => groupsFor(plan, run).length));
  const vaults = new Set(
    all.flatMap((vm): string[] => {
      const facts: VmFacts | undefined = known?.get(vm);
      return facts ? [facts.vaultId] : [];
    }),
  );
  const [mostVms, mostGroups] = [100, 7];
  return [
    ...(all.length === 0
      ? [
          warning(
            'NoVms',
            ['runs', 'failover'],
            'The plan has no VMs, so a run of it does its actions alone. Add VMs to its groups.',
          ),
        ]
      : []),
    ...(vaults.size > 1
      ? [
          info(
            'SeveralVaults',
            ['runs', 'failover'],
            `The plan spans ${vaults.size} vaults, which a plan in Site Recovery cannot. Lifeboat ` +
              'runs it as one; nothing is to be done.',
          ),
        ]
      : []),
    ...(all.length > mostVms
      ? [
          info(
            'BeyondNativeVms',
            ['runs', 'failover'],
            `The plan has ${all.length} VMs; one in Site Recovery ends at ${mostVms}. Lifeboat takes ` +
              `up to ${LIMITS.vms}; nothing is to be done.`,
          ),
        ]
      : []),
    ...(groups > mostGroups
      ? [
          info(
            'BeyondNativeGroups',
            ['runs', 'failover'],
            `The plan has ${groups} groups; one in Site Recovery ends at ${mostGroups}. Lifeboat ` +
              `takes up to ${LIMITS.groups}; nothing is to be done.`,
          ),
        ]
      : []),
  ];
}
