// Runbooks of Azure Automation and the jobs that run them. Its API is reached through Azure's own
// client for resources of any kind.
import { config } from '../core/config.ts';
import type { WriteAnswer } from './writeAnswer.ts';
import { newGuid } from '../core/ids.ts';
import { sendOnce } from './sendOnce.ts';
import { undefinedIfNotFound, resourcesClient, writeClients } from './clients.ts';
import { ARM_SCOPE, azureCredential } from '../core/credential.ts';
import { withReadFaults } from './readFaults.ts';
import { subscriptionOf } from '../core/armId.ts';
import { resourcePathOf } from './armPrerequisites.ts';

const API_VERSION = '2023-11-01';

export interface AutomationRunbook {
  readonly published: boolean;
  /** As they are declared. */
  readonly parameters: readonly string[];
}

export interface RunbookJob {
  readonly status: string;
  readonly exception: string;
}

async function getResourceProperties<Properties>(id: string): Promise<Partial<Properties> | undefined> {
  const client = await resourcesClient(subscriptionOf(id));
  const found = await undefinedIfNotFound(client.resources.getById(resourcePathOf(id), API_VERSION));
  return found && ((found.properties ?? {}) as Partial<Properties>);
}

export async function findRunbook(id: string): Promise<AutomationRunbook | undefined> {
  const found = await withReadFaults(`the runbook ${id}`, () =>
    getResourceProperties<{ state: string; parameters: Readonly<Record<string, unknown>> | null }>(id),
  );
  return found && { published: found.state !== 'New', parameters: Object.keys(found.parameters ?? {}) };
}

/** Under this id once and for all: a second write of the same name makes no second job. */
export async function sendRunbookJob(
  id: string,
  runbook: string,
  parameters: Readonly<Record<string, string>>,
  clientRequestId: string,
  deadline: Date,
): Promise<WriteAnswer> {
  const client = await writeClients.resources(subscriptionOf(id));
  const answer = await sendOnce(clientRequestId, deadline, (options) =>
    Promise.resolve(
      client.resources.createOrUpdateById(
        resourcePathOf(id),
        API_VERSION,
        { properties: { runbook: { name: runbook }, parameters } },
        options,
      ),
    ),
  );
  // The name is this attempt's alone: should it be taken, this very write may have come through
  // before. What stands there tells.
  return answer.status === 409 ? { ...answer, status: null } : answer;
}

export async function findRunbookJob(id: string): Promise<RunbookJob | undefined> {
  const found = await withReadFaults(`the runbook's job ${id}`, () => getResourceProperties<RunbookJob>(id));
  return found && { status: found.status ?? '', exception: found.exception ?? '' };
}

/** It is text, and no resource: it is taken from the answer as it came. */
export async function readRunbookOutput(id: string): Promise<string> {
  const client = await resourcesClient(subscriptionOf(id));
  const captured: { text: string } = { text: '' };
  await withReadFaults(`the output of ${id}`, () =>
    client.resources.getById(resourcePathOf(`${id}/output`), API_VERSION, {
      onResponse: ({ bodyAsText }) => {
        captured.text = bodyAsText ?? '';
      },
    }),
  );
  return captured.text;
}

/** The client for resources of any kind knows no verbs. Undefined: told to stop; else why not. */
export async function stopRunbookJob(id: string, timeoutSeconds: number): Promise<string | undefined> {
  const { token } = (await (await azureCredential()).getToken(ARM_SCOPE)) ?? { token: '' };
  const url = new URL(`${id}/stop?api-version=${API_VERSION}`, config().LIFEBOAT_ARM_ENDPOINT);
  const answer = await fetch(url, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'x-ms-client-request-id': newGuid() },
    redirect: 'error',
    signal: AbortSignal.timeout(timeoutSeconds * 1000),
  });
  return answer.ok ? undefined : `Azure answered ${answer.status}`;
}
