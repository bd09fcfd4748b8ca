// What to do by hand when Lifeboat itself is down: a plan as a text to be printed, with the requests that a person can send from any shell that is signed in to Azure.
import { plainText as text } from './markdown.ts';
import { Moment } from '../lifecycle.ts';
import { inOrder } from './order.ts';
import type { Action } from './action.ts';
import type { Group, Plan } from './plan.ts';

export interface RunbookVm {
  readonly id: string;
  readonly name: string;
  /** Of its replicated item, as the registry knows it now. */
  readonly armId: string;
  readonly vaultArmId: string;
  readonly runsIn: string;
  readonly comesUpIn: string;
  readonly moment: Moment;
  readonly multiVmGroup: string | null;
}

export interface RunbookFacts {
  readonly planId: string;
  readonly version: number;
  readonly savedAt: string;
  /** When it was made, and when the VM that was seen longest ago was seen then. */
  readonly madeAt: string;
  readonly seenAt: string;
  readonly vms: ReadonlyMap<string, RunbookVm>;
}

const API = '2023-06-01';
/** Exactly what Lifeboat would send. */
export const REQUESTS = {
  failover: { verb: 'unplannedFailover', body: { properties: { failoverDirection: 'PrimaryToRecovery', sourceSiteOperations: 'NotRequired', providerSpecificDetails: { instanceType: 'A2A' } } } },
  commit: { verb: 'failoverCommit', body: null },
} as const;

export function runbookOf(plan: Plan, facts: RunbookFacts): string {
  const groups = inOrder(plan.runs.failover);
  const vms = groups.flatMap((group) => group.vms.flatMap((id) => facts.vms.get(id) ?? []));
  return [
    `# By hand: ${text(plan.name)}`, '',
    `Version ${facts.version} of the plan \`${facts.planId}\`, saved ${facts.savedAt}. Made ${facts.madeAt}, from VMs that were last seen at ${facts.seenAt} or later; it is true until the plan is saved again, or one of its VMs moves: then there is another page. Keep the newest where the disaster does not reach.`, '',
    ...(plan.description === '' ? [] : [text(plan.description), '']),
    `Targets: up within ${plan.targets.recoveryMinutes ?? 'no stated'} minutes, data loss of at most ${plan.targets.dataLossMinutes ?? 'no stated'} minutes.`, '',
    '## Before you begin', '',
    '1. Is Lifeboat truly down? Two hands on one VM get in each other\'s way: what Lifeboat has begun, Site Recovery shows under Site Recovery jobs of the vault.',
    `2. Sign in: \`az login\`, as somebody with the role Site Recovery Operator on ${[...new Set(vms.map(({ vaultArmId }) => `\`${vaultArmId}\``))].join(', ') || 'the vaults'}.`,
    '3. In the portal the same is done at the vault, Replicated items, the VM, Failover; then Commit.', '',
    ...groups.flatMap((group, at) => stepsOf(group, at, facts)),
    '## Afterwards', '',
    'Look at each machine, then commit each: until then another recovery point can be chosen, afterwards not.', '',
    ...vms.flatMap((vm) => [...request(vm, 'commit')]), '',
    'Reprotecting needs the targets of the way back and is better left to Lifeboat once it answers: it finds what was done by hand.', '',
  ].join('\n');
}

function stepsOf(group: Group, at: number, { vms }: RunbookFacts): readonly string[] {
  const around = (list: readonly Action[], when: string): readonly string[] => list.map((action) => `* ${when}: **${text(action.name)}** (${action.kind}) ${text(whatToDo(action))}`);
  const members = group.vms.map((id) => ({ id, vm: vms.get(id) }));
  return [
    `## ${at + 1}. ${text(group.name)}`, '',
    group.waitsFor.length === 0 ? 'Begins at once.' : `Begins when ${group.waitsFor.map(text).join(', ')} ${group.waitsFor.length === 1 ? 'is' : 'are'} up.`, '',
    ...around(group.before, 'Before'),
    ...members.flatMap(({ id, vm }) => [
      ...around(group.perVm[id]?.before ?? [], `Before ${vm?.name ?? id}`),
      ...(vm ? [`* **${text(vm.name)}**: ${vm.runsIn} → ${vm.comesUpIn}${standing(vm)}${vm.multiVmGroup ? `. It is in the multi-VM group ${text(vm.multiVmGroup)}, whose members go together: fail over the native plan that holds them, in the portal under Recovery plans` : ''}`, ...request(vm, 'failover')] : [`* **${id}**: Lifeboat knows no such VM any more.`]),
      ...around(group.perVm[id]?.after ?? [], `After ${vm?.name ?? id}`),
    ]),
    ...around(group.after, 'After'), '',
  ];
}

/** A drill and an operation pass; what stays is told. */
const AS_USUAL: ReadonlySet<string> = new Set([Moment.protected, Moment.testing, Moment.busy]);
const standing = ({ moment }: RunbookVm): string => (AS_USUAL.has(moment) ? '' : `. When this was made it was ${moment}, so look at it before anything is sent`);

function request(vm: RunbookVm, what: keyof typeof REQUESTS): readonly string[] {
  const { verb, body } = REQUESTS[what];
  return ['', '  ```sh', `  az rest --method post --url "https://management.azure.com${vm.armId}/${verb}?api-version=${API}"${body === null ? '' : ` --body '${JSON.stringify(body)}'`}`, '  ```', ''];
}

function whatToDo(action: Action): string {
  switch (action.kind) {
    case 'manual': return action.instructions;
    case 'approval': return `${action.people} must say yes.`;
    case 'wait': return `Wait ${action.minutes} minutes.`;
    case 'probe': return `Wait until ${'url' in action.target ? action.target.url : action.target.tcp} answers.`;
    case 'http': return `${action.method} ${action.url}`;
    case 'runbook': return `Start the runbook ${action.runbookId}.`;
    case 'script': return `Run the script with SHA-256 ${action.sha256} on ${action.on}${action.reference === undefined ? '; its text stands in the plan' : ` from ${action.reference}`}.`;
  }
}
