// Sends, reads and removes managed run commands in VMs. The Azure VM agent runs such a script. Each
// run command has a name of its own under its VM.
import type { WriteAnswer } from './writeAnswer.ts';
import { newGuid } from '../core/ids.ts';
import { sendOnce } from './sendOnce.ts';
import { computeClient, undefinedIfNotFound, writeClients } from './clients.ts';
import { withReadFaults } from './readFaults.ts';
import { resourceGroupNameOf, nameOf, subscriptionOf } from '../core/armId.ts';
import { isAgentReady, powerStateOf } from './vmFacts.ts';

export interface RunCommandVm {
  readonly location: string;
  readonly osType: 'Windows' | 'Linux';
  readonly running: boolean;
  readonly power: string;
  /** Null when Azure does not show the agent's state. */
  readonly agentReady: boolean | null;
}

/** Returns the VM as far as a run command needs it, or undefined when it does not exist. */
export async function findRunCommandVm(id: string): Promise<RunCommandVm | undefined> {
  const client = await computeClient(subscriptionOf(id));
  const found = await withReadFaults(`the VM ${id}`, () =>
    undefinedIfNotFound(
      client.virtualMachines.get(resourceGroupNameOf(id), nameOf(id), { expand: 'instanceView' }),
    ),
  );
  if (!found) return undefined;
  const power = powerStateOf(found.instanceView);
  return {
    location: found.location,
    osType: found.storageProfile?.osDisk?.osType === 'Windows' ? 'Windows' : 'Linux',
    running: power === 'running',
    power,
    agentReady: isAgentReady(found.instanceView),
  };
}

export interface RunCommandScript {
  readonly location: string;
  readonly text: string;
  /** Azure ends the script after this time. Null: Azure's default time applies. */
  readonly timeoutSeconds: number | null;
}

/** Sends one write that starts the script, and does not wait for the script's end. */
export async function sendRunCommand(
  machineId: string,
  name: string,
  { location, text, timeoutSeconds }: RunCommandScript,
  clientRequestId: string,
  deadline: Date,
): Promise<WriteAnswer> {
  const client = await writeClients.compute(subscriptionOf(machineId));
  const body = {
    location,
    source: { script: text },
    asyncExecution: true,
    ...(timeoutSeconds === null ? {} : { timeoutInSeconds: timeoutSeconds }),
  };
  return sendOnce(clientRequestId, deadline, (options) =>
    Promise.resolve(
      client.virtualMachineRunCommands.createOrUpdate(
        resourceGroupNameOf(machineId),
        nameOf(machineId),
        name,
        body,
        options,
      ),
    ),
  );
}

export interface RunCommandStatus {
  readonly provisioning: string;
  readonly state: string;
  readonly message: string;
  readonly exitCode: number;
  readonly output: string;
  readonly error: string;
}

/** Returns the status of a run command, or undefined when it does not exist. */
export async function findRunCommand(machineId: string, name: string): Promise<RunCommandStatus | undefined> {
  const client = await computeClient(subscriptionOf(machineId));
  const found = await withReadFaults(`the run command ${name} of ${machineId}`, () =>
    undefinedIfNotFound(
      client.virtualMachineRunCommands.getByVirtualMachine(
        resourceGroupNameOf(machineId),
        nameOf(machineId),
        name,
        {
          expand: 'instanceView',
        },
      ),
    ),
  );
  if (!found) return undefined;
  const {
    executionState = '',
    executionMessage = '',
    exitCode = 0,
    output = '',
    error = '',
  } = found.instanceView ?? {};
  return {
    provisioning: found.provisioningState ?? '',
    state: executionState,
    message: executionMessage,
    exitCode,
    output,
    error,
  };
}

/**
 * Removes a run command; Azure also ends its running script. Returns undefined when the command is
 * gone or its removal runs, otherwise the reason.
 */
export async function removeRunCommand(
  machineId: string,
  name: string,
  deadline: Date,
): Promise<string | undefined> {
  const client = await writeClients.compute(subscriptionOf(machineId));
  const { status, code, message } = await sendOnce(newGuid(), deadline, (options) =>
    Promise.resolve(
      client.virtualMachineRunCommands.delete(
        resourceGroupNameOf(machineId),
        nameOf(machineId),
        name,
        options,
      ),
    ),
  );
  return status !== null && (status < 300 || status === 404)
    ? undefined
    : `${status ?? 'no answer'} ${code}: ${message}`;
}
