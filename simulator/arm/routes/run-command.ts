// The action run command: Azure's agent runs a script in a machine.

import * as z from 'zod';

import type { SimulatorResponse } from '../../wire/exchange.ts';
import { armError, invalidRequest } from '../responses.ts';
import { powerOf } from '../fault-conditions.ts';
import { acceptOperation } from '../operation-polling.ts';
import { withResource } from '../resource-kinds.ts';
import type { OperationRecord } from '../operations.ts';
import { RESOURCE_GROUP, post, type ArmRequest, type ArmRoute } from '../request.ts';
import { RunCommands, type RunOutcome } from '../run-commands.ts';
import { RESOURCE_TYPES } from '../resource-types.ts';
import type { Resource } from '../resource.ts';

const COMMAND_OS_TYPES: Readonly<Record<string, string>> = {
  runshellscript: 'Linux',
  runpowershellscript: 'Windows',
};
/** Azure's wait for an agent that does not answer. */
const AGENT_TIMEOUT_SECONDS = 90;

const bodyShape = z.looseObject({
  commandId: z.string(),
  script: z.array(z.string()).nullish(),
  parameters: z.array(z.looseObject({ name: z.string(), value: z.string() })).nullish(),
});

const osTypeOf = ({ properties }: Resource): string =>
  (properties['storageProfile'] as { osDisk?: { osType?: string } } | undefined)?.osDisk?.osType ?? 'Linux';

const status = (code: string, message: string) => ({
  code,
  level: 'Info',
  displayStatus: 'Provisioning succeeded',
  message,
});

/** Builds the output. Windows reports stdout and stderr apart, Linux reports both in one text. */
const outputBody = (system: string, { stdout, stderr }: RunOutcome) => ({
  value:
    system === 'Windows'
      ? [
          status('ComponentStatus/StdOut/succeeded', stdout),
          status('ComponentStatus/StdErr/succeeded', stderr),
        ]
      : [
          status(
            'ProvisioningState/succeeded',
            `Enable succeeded: \n[stdout]\n${stdout}\n[stderr]\n${stderr}\n`,
          ),
        ],
});

function commandError(
  { faults, now }: ArmRequest,
  machine: Resource,
  commandId: string,
): SimulatorResponse | undefined {
  const system = COMMAND_OS_TYPES[commandId.toLowerCase()];
  if (system === undefined)
    return armError(
      404,
      'NotFound',
      `The entity was not found in this Azure location: run command '${commandId}'.`,
    );
  if (system !== osTypeOf(machine))
    return armError(
      400,
      'InvalidParameter',
      `The command '${commandId}' is not for machines that run ${osTypeOf(machine)}.`,
    );
  if (powerOf(faults, machine) !== 'running')
    return armError(
      409,
      'OperationNotAllowed',
      'The operation requires the VM to be running (or set to run).',
    );
  const busy = Number(machine.hidden?.['runsScriptUntil'] ?? 0) > now;
  return busy
    ? armError(
        409,
        'Conflict',
        'Run command extension execution is in progress. Please wait for completion before ' +
          'invoking a run command.',
      )
    : undefined;
}

function commandResult(machine: Resource, outcome: RunOutcome): OperationRecord['leadsTo'] {
  if (machine.hidden?.['agentReady'] === false) {
    return {
      failure: {
        code: 'VMAgentStatusCommunicationError',
        message:
          `VM '${machine.name}' has not reported status for VM agent or extensions. Verify that ` +
          'the VM has a running agent and can reach Azure storage.',
      },
    };
  }
  return outcome.error ? { failure: outcome.error } : { body: outputBody(osTypeOf(machine), outcome) };
}

function runCommand(request: ArmRequest, machine: Resource): SimulatorResponse {
  const read = bodyShape.safeParse(request.exchange.json());
  if (!read.success) return invalidRequest(z.prettifyError(read.error));
  const { commandId, script, parameters } = read.data;
  const refused = commandError(request, machine, commandId);
  if (refused) return refused;
  const { world, now } = request;
  const { id, name, location = '' } = machine;
  return world.transaction(() => {
    const outcome = new RunCommands(world).recordRun({
      vm: name,
      id,
      commandId,
      script: script ?? [],
      parameters: Object.fromEntries((parameters ?? []).map(({ name, value }) => [name, value])),
      at: now,
    });
    const seconds = machine.hidden?.['agentReady'] === false ? AGENT_TIMEOUT_SECONDS : outcome.seconds;
    world.put({ ...machine, hidden: { ...machine.hidden, runsScriptUntil: now + seconds * 1000 } });
    return acceptOperation(request, {
      resource: id,
      location,
      operation: { seconds, effects: [], leadsTo: commandResult(machine, outcome) },
    });
  });
}

export const runCommandRoutes: readonly ArmRoute[] = [
  post(`${RESOURCE_GROUP}/providers/${RESOURCE_TYPES.virtualMachine}/{name}/runCommand`, (request, names) =>
    withResource(request, RESOURCE_TYPES.virtualMachine, names, (machine) => runCommand(request, machine)),
  ),
];
