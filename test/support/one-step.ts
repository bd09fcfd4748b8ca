// A job with one step on one of the simulator's VMs, as its walk lays it out, for tests that play
// no whole job.
import { readVaults } from '../../shared/replications/registerVms.ts';
import type { JobDocument } from '../../shared/journal/documents.ts';
import type { ReplicatedVmDocument } from '../../shared/replications/documents.ts';
import { createJob } from '../../shared/journal/job.ts';
import { createSteps } from '../../shared/journal/steps.ts';
import { allVms } from '../../shared/replications/registry.ts';
import { jobOf, stepOf } from './job-documents.ts';

/** The simulator's VMs by name, registered as the timer registers them. */
export async function registeredVms(): Promise<ReadonlyMap<string, ReplicatedVmDocument>> {
  await readVaults();
  return new Map((await allVms()).map((vm) => [vm.name, vm]));
}

export function named(vms: ReadonlyMap<string, ReplicatedVmDocument>, name: string): ReplicatedVmDocument {
  const vm = vms.get(name);
  if (!vm) throw new Error(`The simulator has no VM ${name}.`);
  return vm;
}

/** Running at epoch 1, its failover not begun. */
export async function jobOnVm(
  jobId: string,
  vm: ReplicatedVmDocument,
  now: Date,
  more: Partial<JobDocument> = {},
): Promise<void> {
  const { command } = jobOf(jobId, '');
  await createJob({
    ...jobOf(jobId, now.toISOString()),
    command: { ...command, vms: [vm.id] } as JobDocument['command'],
    state: 'running',
    run: 'r',
    laidOut: true,
    vmCount: 1,
    ...more,
  });
  await createSteps(jobId, [
    { ...stepOf(jobId, vm.id), vaultId: vm.vaultId, targetName: vm.name, scenario: vm.scenario },
  ]);
}
