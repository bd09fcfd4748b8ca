// Checks whether the scenario of a VM supports an operation at all, in any state of the VM.
import type { ReplicatedVmCommand, PlanCommand } from '../commands/command.ts';
import { rejected } from '../core/errors.ts';
import type { ReplicatedVmDocument } from '../replications/documents.ts';
import {
  driverOf,
  scenarioNotSupported,
  requireCapabilities,
  refusalReasonOf,
} from '../scenarios/drivers.ts';

/** Throws if the scenario of a VM does not support the operation. */
export function assertPossible(
  command: ReplicatedVmCommand | PlanCommand,
  vms: readonly ReplicatedVmDocument[],
): void {
  const unsupportedVm = vms.find((vm) => refusalReasonOf(vm, command.operation) === 'ScenarioNotPossibleYet');
  if (unsupportedVm) throw scenarioNotSupported(unsupportedVm.scenario, command.operation);
  if ('kind' in command && command.kind === 'planned') assertPlannedFailoverPossible(vms);
  assertNoLastingRefusal(command, vms);
}

function assertNoLastingRefusal(
  command: ReplicatedVmCommand | PlanCommand,
  vms: readonly ReplicatedVmDocument[],
): void {
  const refused = vms.flatMap((vm) => {
    const refusal = requireCapabilities(vm.scenario).refusalOf(vm, command);
    return refusal ? [{ vm: vm.id, name: vm.name, ...refusal }] : [];
  });
  const [first] = refused;
  if (first)
    throw rejected(
      422,
      first.code,
      `${refused.map(({ message }) => message).join(' ')} Nothing was started.`,
      { vms: refused },
    );
}

function assertPlannedFailoverPossible(vms: readonly ReplicatedVmDocument[]): void {
  const unsupportedVms = vms.filter((vm) => !requireCapabilities(vm.scenario).plannedFailover);
  const [first] = unsupportedVms;
  if (!first) return;
  throw rejected(
    422,
    'NoPlannedFailover',
    `${driverOf(first.scenario).title} has no planned failover (${unsupportedVms.map((vm) => vm.name).join(', ')}). ` +
      'Nothing was started. Send kind "unplanned" with "shutDownSource": true, which shuts the ' +
      'source down first when it still answers.',
    { vms: unsupportedVms.map((vm) => vm.id) },
  );
}
