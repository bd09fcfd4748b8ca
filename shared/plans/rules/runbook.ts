// Renders a plan as a printable runbook, for a manual failover while Lifeboat itself is down.
// The runbook contains requests for any shell with a login to Azure.

import type { PrerequisiteSpec } from '../../azure/prerequisite.ts';
import type { Scenario } from '../../core/scenario.ts';
import { VmState } from '../../scenarios/lifecycle.ts';
import type { Action } from './action.ts';
import { escapeMarkdown as text } from '../../core/markdown.ts';
import { sortGroups } from './buildGraph.ts';
import type { Group, Plan, RecoveryPointChoice, RecoveryPointRule } from './plan.ts';
import {
  automationJobRequest,
  commitRequest,
  failoverRequest,
  failoverPlanRequest,
  readItemRequest,
  listJobsRequest,
  checkMachineRequest,
  createPlanRequest,
  checkPlanRequest,
  POINT_PLACEHOLDER,
  listPointsRequest,
} from './runbookRequests.ts';

/** The facts about a VM that the runbook needs. */
export interface RunbookVm {
  readonly id: string;
  readonly name: string;
  readonly scenario: Scenario;
  /** The ARM id of the replicated item, from the registry. */
  readonly armId: string;
  readonly vaultArmId: string;
  readonly sourceRegion: string;
  readonly targetRegion: string;
  readonly state: VmState;
  /** The VM after a failover; null: unknown now. The item names that VM after the failover. */
  readonly recoveryVmId: string | null;
}

/** The members of a multi-VM group. They go together, through their native plan. */
export interface RunbookGroup {
  readonly name: string;
  /** Lifeboat's ids of the members in this plan. */
  readonly vms: readonly string[];
  /** Members outside this plan. They fail over too. */
  readonly otherMembers: readonly string[];
  readonly nativePlanId: string;
  readonly spec: Extract<PrerequisiteSpec, { kind: 'recoveryPlan' }>;
}

export interface RunbookFacts {
  readonly planId: string;
  readonly version: number;
  readonly savedAt: string;
  /** `madeAt`: time of the page. `seenAt`: oldest read time among the VMs. */
  readonly madeAt: string;
  readonly seenAt: string;
  readonly vms: ReadonlyMap<string, RunbookVm>;
  readonly groups: readonly RunbookGroup[];
}

/** The VMs that one write fails over. */
interface FailoverUnit {
  readonly name: string;
  readonly vms: readonly RunbookVm[];
  readonly group: RunbookGroup | null;
}

/** Renders the runbook of a plan as Markdown. The same facts give the same text. */
export function renderRunbook(plan: Plan, facts: RunbookFacts): string {
  const groups = sortGroups(plan.runs.failover);
  const units = groups.map((group) => unitsOf(group, facts));
  const vms = units.flat().flatMap((unit) => unit.vms);
  const vaults = [...new Set(vms.map(({ vaultArmId }) => vaultArmId))];
  return [
    `# Failover by hand: ${text(plan.name)}`,
    '',
    `Version ${facts.version} of the plan \`${facts.planId}\`, saved at ${facts.savedAt}. Lifeboat made ` +
      `this page at ${facts.madeAt}, and read each VM at ${facts.seenAt} or later. A new page replaces ` +
      'it when somebody saves the plan or when a VM moves. Keep the newest page outside the regions ' +
      'of these VMs.',
    '',
    ...(plan.description === '' ? [] : [text(plan.description), '']),
    `Targets: recovery time ${limitText(plan.targets.recoveryMinutes)}, data loss ` +
      `${limitText(plan.targets.dataLossMinutes)}.`,
    '',
    '## Before you begin',
    '',
    `1. Sign in with \`az login\`. The account needs the role Site Recovery Operator on ` +
      `${vaults.map((id) => `\`${id}\``).join(', ') || 'the vaults'}.`,
    '2. Check that Lifeboat is down. Never work by hand on a VM while Lifeboat works on it. The list ' +
      'of jobs shows each operation that Lifeboat has begun as InProgress. Wait for its end.',
    ...vaults.flatMap(listJobsRequest),
    '3. Do the groups in the order of this page. Azure answers a failover with the status 202 and no ' +
      'body. The failover then runs for some minutes. Send each request once. If no answer comes, ' +
      'read the list of jobs before you send the request again.',
    '4. The portal can do the same. Open the vault, then Replicated items for a VM, or Recovery ' +
      'plans for a multi-VM group.',
    '',
    ...groups.flatMap((group, at) => groupSection(group, at, units[at] ?? [], facts)),
    '## Afterwards',
    '',
    'Check each VM, then commit it. Before the commit you can choose another recovery point. After ' +
      `the commit you cannot.${commitRuleText(plan)}`,
    '',
    ...units
      .flat()
      .flatMap(({ name, vms: members, group }) =>
        group
          ? [
              `* **The multi-VM group ${text(name)}** (${memberNames(members, group)})`,
              ...commitRequest(
                `the multi-VM group ${name}: ${memberNames(members, group)}`,
                group.nativePlanId,
              ),
            ]
          : members.flatMap((vm) => [`* **${text(vm.name)}**`, ...commitRequest(vm.name, vm.armId)]),
      ),
    '',
    'Leave the reprotect to Lifeboat. After its restart, Lifeboat finds each VM as you left it, and ' +
      'knows the target of each reprotect.',
    '',
  ]
    .join('\n')
    .replace(/\n{3,}/g, '\n\n');
}

const limitText = (minutes: number | undefined): string =>
  minutes === undefined ? 'without a limit' : `at most ${minutes} minutes`;

function commitRuleText({ commitWindow }: Plan): string {
  if (commitWindow.kind === 'wait') return '';
  return (
    ` The rule of the plan to ${commitWindow.kind === 'commit' ? 'commit' : 'cancel'} the failover after ` +
    `${commitWindow.afterMinutes} minutes works only in a run by Lifeboat.`
  );
}

/** Units in the order of the group. A multi-VM group takes the place of its first member. */
function unitsOf({ vms: ids }: Group, { vms, groups }: RunbookFacts): readonly FailoverUnit[] {
  const groupOf = new Map(groups.flatMap((group) => group.vms.map((vm) => [vm, group] as const)));
  const known = ids.flatMap((id) => vms.get(id) ?? []);
  return [...Map.groupBy(known, ({ id }) => groupOf.get(id) ?? id)].map(([key, members]) =>
    typeof key === 'string'
      ? { name: members[0]?.name ?? key, vms: members, group: null }
      : { name: key.name, vms: members, group: key },
  );
}

const memberNames = (members: readonly RunbookVm[], { otherMembers }: RunbookGroup): string =>
  [...members.map(({ name }) => name), ...otherMembers].map(text).join(', ');

function groupSection(
  group: Group,
  at: number,
  units: readonly FailoverUnit[],
  { vms }: RunbookFacts,
): readonly string[] {
  const actionLines = (list: readonly Action[], when: string): readonly string[] =>
    list.flatMap((action) => [
      `* ${when}: **${text(action.name)}** (${action.kind}) ${text(actionText(action))}`,
      ...actionRequest(action),
    ]);
  const nameOf = (id: string): string => text(vms.get(id)?.name ?? id);
  const vmActionLines = (place: 'before' | 'after', when: string) =>
    group.vms.flatMap((id) => actionLines(group.perVm[id]?.[place] ?? [], `${when} ${nameOf(id)}`));
  return [
    `## ${at + 1}. ${text(group.name)}`,
    '',
    group.waitsFor.length === 0
      ? 'Start this group at once.'
      : `Start this group when ${group.waitsFor.map(text).join(', ')} ` +
        `${group.waitsFor.length === 1 ? 'is' : 'are'} up.`,
    '',
    ...actionLines(group.before, 'Before'),
    ...vmActionLines('before', 'Before'),
    ...group.vms
      .filter((id) => !vms.has(id))
      .map(
        (id) => `* **${id}**: Lifeboat does not know this VM any more, so this page has no request for it.`,
      ),
    ...units.flatMap((unit) => failoverLines(unit, group.recoveryPoint ?? [{ kind: 'latest' }])),
    ...(units.length === 0
      ? []
      : [
          `* **Is ${text(group.name)} up?** Repeat these requests until each VM is up.`,
          ...units.flatMap((unit) => unit.vms).flatMap(checkUpLines),
        ]),
    ...vmActionLines('after', 'After'),
    ...actionLines(group.after, 'After'),
    '',
  ];
}

const checkUpLines = (vm: RunbookVm): readonly string[] => [
  ...readItemRequest(vm),
  ...(vm.recoveryVmId === null ? [] : checkMachineRequest(vm.name, vm.recoveryVmId)),
];

/** States without a remark. A drill and a running operation are temporary, so they need no remark. */
const NORMAL_STATES: ReadonlySet<string> = new Set([VmState.protected, VmState.testing, VmState.busy]);
const stateRemark = ({ state, name }: RunbookVm): string =>
  NORMAL_STATES.has(state)
    ? ''
    : ` When Lifeboat made this page, the state of ${text(name)} was ${state}. Check the VM before you send ` +
      'a request.';

function failoverLines({ name, vms, group }: FailoverUnit, rule: RecoveryPointRule): readonly string[] {
  const [first] = vms;
  if (!first) return [];
  const regionsText = `${first.sourceRegion} → ${first.targetRegion}`;
  const points = `Recovery point: ${rule.map(choiceText).join('; otherwise ')}.`;
  const remarks = vms.map(stateRemark).join('');
  if (!group)
    return [`* **${text(name)}**: ${regionsText}. ${points}${remarks}`, ...vmFailoverLines(first, rule)];
  const otherMembersText =
    group.otherMembers.length === 0
      ? ''
      : ` Members outside this plan also fail over: ${group.otherMembers.map(text).join(', ')}.`;
  return [
    `* **The multi-VM group ${text(name)}** (${memberNames(vms, group)}): ${regionsText}. Its members ` +
      'fail over together or not at all. One request to the native plan ' +
      `\`${lastSegmentOf(group.nativePlanId)}\` moves all of them.${otherMembersText} ${points}${remarks}`,
    ...checkPlanRequest(name, group.nativePlanId),
    ...createPlanRequest(name, group.nativePlanId, group.spec),
    ...(rule.length === 1 ? [] : ['  Send one of these requests: the first one that fits.']),
    ...rule.flatMap(({ kind }) => failoverPlanRequest(first.scenario, name, group.nativePlanId, kind)),
  ];
}

const lastSegmentOf = (id: string): string => id.slice(id.lastIndexOf('/') + 1);

/** Site Recovery itself takes the latest point. Any other point needs its id. */
function vmFailoverLines(vm: RunbookVm, rule: RecoveryPointRule): readonly string[] {
  if (rule[0]?.kind === 'latest' && rule.length === 1) return failoverRequest(vm);
  const allowsLatest = rule.some(({ kind }) => kind === 'latest');
  return [
    ...listPointsRequest(vm),
    `  Choose a point by the rule above. Put its id in place of ${POINT_PLACEHOLDER}:`,
    ...failoverRequest(vm, POINT_PLACEHOLDER),
    ...(allowsLatest ? ['  Or, if the rule comes to the latest point:', ...failoverRequest(vm)] : []),
  ];
}

const POINT_KIND_TEXTS: Record<RecoveryPointChoice['kind'], string> = {
  latest: 'latest (all data that have left the source; the request names no id)',
  latestProcessed: 'latestProcessed (the newest point in the list)',
  latestAppConsistent: 'latestAppConsistent (the newest point of the type ApplicationConsistent)',
  latestCrashConsistent: 'latestCrashConsistent (the newest point of the type CrashConsistent)',
  latestMultiVmConsistent:
    'latestMultiVmConsistent (the newest point that all members share: MultiVmSyncRecoveryPoint)',
};
const choiceText = ({ kind, notOlderThanMinutes }: RecoveryPointChoice): string =>
  POINT_KIND_TEXTS[kind] +
  (notOlderThanMinutes === undefined ? '' : `, at most ${notOlderThanMinutes} minutes old`);

const actionRequest = (action: Action): readonly string[] =>
  action.kind === 'runbook' ? automationJobRequest(action.name, action.runbookId, action.parameters) : [];

function actionText(action: Action): string {
  switch (action.kind) {
    case 'manual':
      return action.instructions;
    case 'approval':
      return `${action.people} ${action.people === 1 ? 'person' : 'persons'} must approve.`;
    case 'wait':
      return `Wait ${action.minutes} minutes.`;
    case 'probe':
      return `Wait until ${'url' in action.target ? action.target.url : action.target.tcp} answers.`;
    case 'http':
      return `Send ${action.method} ${action.url}${action.body === '' ? '.' : ` with the body ${action.body}`}`;
    case 'runbook':
      return (
        `Start the runbook ${action.runbookId}, ` +
        (Object.keys(action.parameters).length === 0
          ? 'without parameters. '
          : `with the parameters ${JSON.stringify(action.parameters)}. `) +
        'Its parameter RecoveryPlanContext stays empty by hand.'
      );
    case 'script':
      return (
        `Run the script with SHA-256 ${action.sha256} on ` +
        `${action.on}. Its text is ${action.reference === undefined ? 'in the plan' : `at ${action.reference}`}.`
      );
  }
}
