// Finds what a job left behind: test VMs, failovers without a commit, sources that may still run.
// The report of a run shows it.

import { nameOf, resourceGroupNameOf } from '../core/armId.ts';
import type { JobDocument, StepDocument } from '../journal/documents.ts';
import type { RunReport } from '../plans/rules/runReport.ts';
import { hasArrived } from '../journal/steps.ts';
import type { VmEnd } from './vmEnds.ts';

type OpenEnd = RunReport['leftBehind'][number];

/** More resources than this are counted only. */
const MAX_NAMED_RESOURCES = 100;

/** The open ends of a job, as far as the job itself knows them. */
export const openEndsOf = (
  job: JobDocument,
  steps: readonly StepDocument[],
  ends: readonly VmEnd[],
  records: { readonly leftResources: readonly string[]; readonly isSourceLost: boolean },
): OpenEnd[] => [
  ...ends.flatMap((end) => vmOpenEndsOf(job, steps, end, records.isSourceLost)),
  ...steps
    .filter(({ state }) => state === 'leftRunning')
    .map(({ targetId, targetName, error, phase }) => ({
      code: 'LeftRunning',
      vm: { id: targetId, name: targetName },
      message: error?.message ?? `Site Recovery goes on with ${phase}, and the job no longer waits for it.`,
    })),
  ...resourceEndsOf(records.leftResources),
];

function vmOpenEndsOf(
  { command }: JobDocument,
  steps: readonly StepDocument[],
  { vm: id, name, cleanedUp, committed, reprotected }: VmEnd,
  isSourceLost: boolean,
): readonly OpenEnd[] {
  const vm = { id, name };
  const didArrive = (phase: StepDocument['phase']): boolean =>
    steps.some((step) => step.phase === phase && isOfVm(step, id) && hasArrived(step, id));
  const found: OpenEnd[] = [];
  const isUpInTest = didArrive('testFailover') || command.operation === 'cleanUpTestFailover';
  if (isUpInTest && cleanedUp === false)
    found.push({ code: 'TestVmLeft', vm, message: `The test VM of ${name} was not cleaned up.` });
  // A cancelled failover has no open end: the VM runs on the source again.
  if (didArrive('cancelFailover')) return found;
  const failedOver = didArrive('failover');
  if ((failedOver || didArrive('changeRecoveryPoint')) && committed !== true)
    found.push({
      code: 'NotCommitted',
      vm,
      message: `The failover of ${name} was not committed. The recovery point can still change.`,
    });
  if (committed === true && reprotected !== true)
    found.push({
      code: 'NotReprotected',
      vm,
      message: `${name} runs after its failover without protection. A reprotect starts its replication again.`,
    });
  if (failedOver && reprotected !== true && !asksForShutdown(command, isSourceLost))
    found.push({
      code: 'SourceNotShutDown',
      vm,
      message:
        `Nobody shut down the source of ${name}: ` +
        (isSourceLost ? 'a person reported it as lost. ' : 'the command did not ask for it. ') +
        'If it still runs or comes back, both sides run.',
    });
  return found;
}

/** A planned failover always shuts the source down. */
const asksForShutdown = (command: JobDocument['command'], isSourceLost: boolean): boolean =>
  !isSourceLost &&
  (('shutDownSource' in command && command.shutDownSource) ||
    ('kind' in command && command.kind === 'planned'));

const isOfVm = ({ work, targetId }: StepDocument, vm: string): boolean =>
  work.kind === 'multiVmGroup' ? work.vms.some(({ id }) => id === vm) : targetId === vm;

const resourceEndsOf = (resources: readonly string[]): readonly OpenEnd[] => [
  ...resources.slice(0, MAX_NAMED_RESOURCES).map((id) => ({
    code: 'LeftBehind',
    vm: null,
    message: `${nameOf(id)} in ${resourceGroupNameOf(id)} was not there before the drill, and is there now.`,
  })),
  ...(resources.length > MAX_NAMED_RESOURCES
    ? [
        {
          code: 'LeftBehind',
          vm: null,
          message: `${resources.length - MAX_NAMED_RESOURCES} more resources were not there before the drill.`,
        },
      ]
    : []),
];
