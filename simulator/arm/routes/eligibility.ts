// Checks whether Site Recovery could replicate a machine, as far as Azure can see from outside.

import type { SimulatorResponse } from '../../wire/exchange.ts';
import { ok } from '../responses.ts';
import { powerOf } from '../fault-conditions.ts';
import { withResource } from '../resource-kinds.ts';
import { get, RESOURCE_GROUP, type ArmRequest, type ArmRoute } from '../request.ts';
import { RESOURCE_TYPES } from '../resource-types.ts';
import type { Resource } from '../resource.ts';

interface EligibilityError {
  readonly code: string;
  readonly message: string;
  readonly possibleCauses: string;
  readonly recommendedAction: string;
  readonly status: string;
}

const eligibilityError = (
  code: string,
  message: string,
  possibleCauses: string,
  recommendedAction: string,
): EligibilityError => ({ code, message, possibleCauses, recommendedAction, status: 'Error' });

interface DiskProfile {
  readonly name: string;
  readonly managedDisk?: { readonly id: string };
}

function disksOf(
  { world }: ArmRequest,
  { properties }: Resource,
): { readonly name: string; readonly accountType: string }[] {
  const { osDisk, dataDisks = [] } = properties['storageProfile'] as {
    osDisk?: DiskProfile;
    dataDisks?: readonly DiskProfile[];
  };
  return [...(osDisk ? [osDisk] : []), ...dataDisks].map(({ name, managedDisk }) => ({
    name,
    accountType: String(managedDisk && world.get(managedDisk.id)?.sku?.['name']),
  }));
}

/** No recording shows the service's own error codes, so these codes are assumptions. */
function eligibilityErrors(request: ArmRequest, machine: Resource): EligibilityError[] {
  const found: EligibilityError[] = [];
  const power = powerOf(request.faults, machine);
  if (power !== 'running')
    found.push(
      eligibilityError(
        '151025',
        `The virtual machine '${machine.name}' does not run.`,
        `It is ${power}.`,
        'Start the virtual machine.',
      ),
    );
  if (power === 'running' && machine.hidden?.['agentReady'] === false) {
    found.push(
      eligibilityError(
        '151099',
        `The agent in '${machine.name}' does not answer.`,
        'It is not installed, not started, or cannot reach Azure.',
        'Install or repair the agent of Azure in the virtual machine.',
      ),
    );
  }
  for (const { name, accountType } of disksOf(request, machine)) {
    if (accountType === 'UltraSSD_LRS')
      found.push(
        eligibilityError(
          '151192',
          `The disk '${name}' is of the kind ${accountType}, which is not replicated.`,
          'Ultra disks are not supported.',
          'Leave the disk out, or change its kind.',
        ),
      );
  }
  return found;
}

function eligibilityBody(request: ArmRequest, machine: Resource) {
  const type = 'Microsoft.RecoveryServices/replicationEligibilityResults';
  const clientRequestId = request.exchange.headers['x-ms-client-request-id'] ?? '';
  return {
    name: 'default',
    type,
    id: `${machine.id}/providers/${type}/default`,
    properties: { clientRequestId, errors: eligibilityErrors(request, machine) },
  };
}

const RESULTS = `${RESOURCE_GROUP}/providers/${RESOURCE_TYPES.virtualMachine}/{name}/providers/Microsoft.RecoveryServices/replicationEligibilityResults`;
const withMachine =
  (answer: (request: ArmRequest, machine: Resource) => SimulatorResponse): ArmRoute['answer'] =>
  (request, names) =>
    withResource(request, RESOURCE_TYPES.virtualMachine, names, (machine) => answer(request, machine));

export const eligibilityRoutes: readonly ArmRoute[] = [
  get(
    RESULTS,
    withMachine((request, machine) => ok({ value: [eligibilityBody(request, machine)] })),
  ),
  get(
    `${RESULTS}/default`,
    withMachine((request, machine) => ok(eligibilityBody(request, machine))),
  ),
];
