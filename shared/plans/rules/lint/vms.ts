// Lint checks of VMs: each VM is known, protected, unique in a run, and together with its group.

import { groupsForRun, vmsOfPlan } from '../planRuns.ts';
import { RunName } from '../action.ts';
import { PLAN_LIMITS, type Group, type Plan } from '../plan.ts';
import type { LintFacts, VmFacts } from './facts.ts';
import {
  errorFinding,
  infoFinding,
  warningFinding,
  type LintFinding,
  type JsonPath,
} from '../../../core/finding.ts';

/** Finds VMs that are in a run twice. `path`: the path of the list of groups. */
export function checkDuplicateVms(groups: readonly Group[], path: JsonPath): readonly LintFinding[] {
  const firstGroupOf = new Map<string, string>();
  return groups.flatMap(({ name, vms }, groupIndex) =>
    vms.flatMap((vm, vmIndex) => {
      const before = firstGroupOf.get(vm);
      firstGroupOf.set(vm, before ?? name);
      return before === undefined
        ? []
        : [
            errorFinding(
              'VmTwice',
              [...path, groupIndex, 'vms', vmIndex],
              `${vm} is in "${before}" already, and a VM can come up only once in a run. Leave it in ` +
                'one of them.',
            ),
          ];
    }),
  );
}

/** Finds `perVm` entries for VMs outside the group: the run would never do these actions. */
export const checkPerVmMembers = (groups: readonly Group[], path: JsonPath): readonly LintFinding[] =>
  groups.flatMap(({ name, vms, perVm }, groupIndex) =>
    [...new Set(Object.keys(perVm)).difference(new Set(vms))].map((vm) =>
      errorFinding(
        'VmElsewhere',
        [...path, groupIndex, 'perVm', vm],
        `"${name}" has actions around ${vm}, which is not one of its VMs. Add the VM to the ` +
          `group's vms, or move the actions to the VM's group.`,
      ),
    ),
  );

export function checkVmsKnown(
  groups: readonly Group[],
  path: JsonPath,
  { vms: known }: LintFacts,
): readonly LintFinding[] {
  if (!known) return [];
  return groups.flatMap(({ vms }, groupIndex) =>
    vms.flatMap((vm, vmIndex): readonly LintFinding[] => {
      const vmPath = [...path, groupIndex, 'vms', vmIndex];
      const facts = known.get(vm);
      if (!facts)
        return [
          errorFinding(
            'VmUnknown',
            vmPath,
            `Lifeboat knows no replicated VM ${vm}. GET /api/v1/replications lists those it knows.`,
          ),
        ];
      return facts.isProtected
        ? []
        : [
            warningFinding(
              'VmNotProtected',
              vmPath,
              `${facts.name} is not protected now (${facts.stateText}). The plan is saved, and a run of ` +
                'it is refused until the VM is protected.',
            ),
          ];
    }),
  );
}

/** Finds incomplete multi-VM groups: Site Recovery fails over all members or none. */
export function checkMultiVmGroups(
  groups: readonly Group[],
  path: JsonPath,
  { vms: known }: LintFacts,
): readonly LintFinding[] {
  if (!known) return [];
  const groupOf = new Map(groups.flatMap(({ name, vms }) => vms.map((vm) => [vm, name] as const)));
  const reported = new Set<string>();
  return groups.flatMap(({ name, vms }, groupIndex) =>
    vms.flatMap((vm, vmIndex) => {
      const vmGroup = known.get(vm)?.multiVmGroup;
      if (!vmGroup || reported.has(vmGroup.id)) return [];
      reported.add(vmGroup.id);
      const missingMembers = vmGroup.members.filter((member) => groupOf.get(member) !== name);
      if (missingMembers.length === 0) return [];
      const missingText = missingMembers
        .map((member) => {
          const group = groupOf.get(member);
          return (
            `${known.get(member)?.name ?? member} ` +
            (group === undefined ? 'is not in this run' : `is in "${group}"`)
          );
        })
        .join(', ');
      return [
        errorFinding(
          'MultiVmPart',
          [...path, groupIndex, 'vms', vmIndex],
          `${known.get(vm)?.name ?? vm} belongs to the multi-VM group ${vmGroup.name}, whose members ` +
            `fail over together or not at all; but ${missingText}. Put all of them into one group.`,
        ),
      ];
    }),
  );
}

/** Finds VMs in Lifeboat's own region: if that region fails, Lifeboat fails with the VMs. */
export function checkHomeRegion(
  groups: readonly Group[],
  path: JsonPath,
  { vms: known, homeRegion }: LintFacts,
): readonly LintFinding[] {
  if (!known || homeRegion === undefined) return [];
  return groups.flatMap(({ name, vms }, groupIndex) => {
    const vmsInHomeRegion = vms.flatMap((vm) => {
      const facts = known.get(vm);
      return facts?.sourceRegion === homeRegion ? [facts.name] : [];
    });
    return vmsInHomeRegion.length === 0
      ? []
      : [
          warningFinding(
            'SourceIsHome',
            [...path, groupIndex, 'vms'],
            `${listNames(vmsInHomeRegion)} of "${name}" ` +
              `run${vmsInHomeRegion.length === 1 ? 's' : ''} in ${homeRegion}, ` +
              'where Lifeboat itself runs: when that region fails, nobody may be there to run the ' +
              'plan. Let Lifeboat run in the region that survives.',
          ),
        ];
  });
}

const listNames = (names: readonly string[]): string =>
  names.length > 5 ? `${names.slice(0, 5).join(', ')} and ${names.length - 5} more` : names.join(', ');

/** Finds failover VMs without a failback, and VMs that only a drill or a failback has. */
export function checkRunsMatch(plan: Plan): readonly LintFinding[] {
  const failoverVms = new Set(groupsForRun(plan, RunName.failover).flatMap(({ vms }) => vms));
  return ([RunName.failback, RunName.testFailover] as const).flatMap((run) => {
    if (!plan.runs[run]) return [];
    const runVms = new Set(groupsForRun(plan, run).flatMap(({ vms }) => vms));
    const [missingVms, addedVms] = [[...failoverVms.difference(runVms)], [...runVms.difference(failoverVms)]];
    return [
      ...(run === RunName.failback && missingVms.length > 0
        ? [
            warningFinding(
              'NotBroughtBack',
              ['runs', run],
              `${listNames(missingVms)} would be failed over and never brought back, since the way back has ` +
                `groups of its own without ${missingVms.length === 1 ? 'it' : 'them'}. Add what is missing.`,
            ),
          ]
        : []),
      ...(addedVms.length > 0
        ? [
            warningFinding(
              'NotFailedOver',
              ['runs', run],
              `${listNames(addedVms)} would take part in ${run} alone, and not in a failover. Add what is ` +
                'missing there, or take it out here.',
            ),
          ]
        : []),
    ];
  });
}

/** Finds plans beyond the limits of Site Recovery: such a plan could not move back to Site Recovery. */
export function checkNativeLimits(plan: Plan, { vms: known }: LintFacts): readonly LintFinding[] {
  const vmIds = vmsOfPlan(plan);
  const groups = Math.max(...Object.values(RunName).map((run) => groupsForRun(plan, run).length));
  const vaults = new Set(
    vmIds.flatMap((vm): string[] => {
      const facts: VmFacts | undefined = known?.get(vm);
      return facts ? [facts.vaultId] : [];
    }),
  );
  const [maxVms, maxGroups] = [100, 7];
  return [
    ...(vmIds.length === 0
      ? [
          warningFinding(
            'NoVms',
            ['runs', 'failover'],
            'The plan has no VMs, so Lifeboat refuses to run it. Add VMs to its groups.',
          ),
        ]
      : []),
    ...(vaults.size > 1
      ? [
          infoFinding(
            'SeveralVaults',
            ['runs', 'failover'],
            `The plan spans ${vaults.size} vaults, which a plan in Site Recovery cannot. Lifeboat ` +
              'runs it as one; nothing is to be done.',
          ),
        ]
      : []),
    ...(vmIds.length > maxVms
      ? [
          infoFinding(
            'BeyondNativeVms',
            ['runs', 'failover'],
            `The plan has ${vmIds.length} VMs; one in Site Recovery ends at ${maxVms}. Lifeboat takes ` +
              `up to ${PLAN_LIMITS.vms}; nothing is to be done.`,
          ),
        ]
      : []),
    ...(groups > maxGroups
      ? [
          infoFinding(
            'BeyondNativeGroups',
            ['runs', 'failover'],
            `The plan has ${groups} groups; one in Site Recovery ends at ${maxGroups}. Lifeboat ` +
              `takes up to ${PLAN_LIMITS.groups}; nothing is to be done.`,
          ),
        ]
      : []),
  ];
}
