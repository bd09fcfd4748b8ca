// A job with one step on one of the simulator's VMs, as its orchestration plans it. Tests of a part
// of a job use it.
import { refreshVaults } from '../../shared/replications/refreshVaults.ts';
import type { JobDocument } from '../../shared/journal/documents.ts';
import type { ReplicatedVmDocument } from '../../shared/replications/documents.ts';
import { createJob } from '../../shared/journal/job.ts';
import { createSteps } from '../../shared/journal/steps.ts';
import { readAllVms } from '../../shared/replications/registry.ts';
import { makeJobDocument, makeStepDocument } from './job-documents.ts';

/** The simulator's VMs by name, registered as the timer does. */
export async function registerVmsByName(): Promise<ReadonlyMap<string, ReplicatedVmDocument>> {
  await refreshVaults();
  return new Map((await readAllVms()).map((vm) => [vm.name, vm]));
}

export function vmNamed(vms: ReadonlyMap<string, ReplicatedVmDocument>, name: string): ReplicatedVmDocument {
  const vm = vms.get(name);
  if (!vm) throw new Error(`The simulator has no VM ${name}.`);
  return vm;
}

/** A running job at epoch 1 with an unstarted failover. */
export async function createJobOnVm(
  jobId: string,
  vm: ReplicatedVmDocument,
  now: Date,
  overrides: Partial<JobDocument> = {},
): Promise<void> {
  const { command } = makeJobDocument(jobId, '');
  await createJob({
    ...makeJobDocument(jobId, now.toISOString()),
    command: { ...command, vms: [vm.id] },
    state: 'running',
    run: 'r',
    laidOut: true,
    vmCount: 1,
    ...overrides,
  });
  await createSteps(jobId, [
    { ...makeStepDocument(jobId, vm.id), vaultId: vm.vaultId, targetName: vm.name, scenario: vm.scenario },
  ]);
}
