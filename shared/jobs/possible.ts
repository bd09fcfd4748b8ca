// What the scenario of a VM can do at all, whatever state the VM is in.
import type { CommandOnVms, PlanCommand } from '../commands/command.ts';
import { rejected } from '../core/errors.ts';
import type { ReplicatedVmDocument } from '../replications/documents.ts';
import { driverOf, notPossibleYet, performing, whyNot } from '../scenarios/drivers.ts';

export function mustBePossible(
  command: CommandOnVms | PlanCommand,
  vms: readonly ReplicatedVmDocument[],
): void {
  const strange = vms.find((vm) => whyNot(vm, command.operation) === 'ScenarioNotPossibleYet');
  if (strange) throw notPossibleYet(strange.scenario, command.operation);
  if ('kind' in command && command.kind === 'planned') mustBePlannable(vms);
}

function mustBePlannable(vms: readonly ReplicatedVmDocument[]): void {
  const unable = vms.filter((vm) => !performing(vm.scenario).plannedFailover);
  const [first] = unable;
  if (!first) return;
  throw rejected(
    422,
    'NoPlannedFailover',
    `${driverOf(first.scenario).title} has no planned failover (${unable.map((vm) => vm.name).join(', ')}). ` +
      'Nothing was started. Send kind "unplanned" with "shutDownSource": true, which shuts the ' +
      'source down first when it still answers.',
    { vms: unable.map((vm) => vm.id) },
  );
}
