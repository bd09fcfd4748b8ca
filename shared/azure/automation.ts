// Reads Azure Automation runbooks, and starts, reads and stops their jobs. The generic client for
// resources gives access to the API, because Lifeboat uses no SDK for Automation.
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
  /** The names of the declared parameters. */
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

/** Returns the runbook, or undefined when it does not exist. */
export async function findRunbook(id: string): Promise<AutomationRunbook | undefined> {
  const found = await withReadFaults(`the runbook ${id}`, () =>
    getResourceProperties<{ state: string; parameters: Readonly<Record<string, unknown>> | null }>(id),
  );
  return found && { published: found.state !== 'New', parameters: Object.keys(found.parameters ?? {}) };
}

/** Starts a runbook job under this id. A second write with the same name starts no second job. */
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
  // Only this attempt uses the name. A conflict can mean that this same write came through before.
  // A null status makes the caller read the job to decide.
  return answer.status === 409 ? { ...answer, status: null } : answer;
}

/** Returns the runbook job, or undefined when it does not exist. */
export async function findRunbookJob(id: string): Promise<RunbookJob | undefined> {
  const found = await withReadFaults(`the runbook's job ${id}`, () => getResourceProperties<RunbookJob>(id));
  return found && { status: found.status ?? '', exception: found.exception ?? '' };
}

/**
 * Returns the output of a runbook job. The answer is plain text and no resource, so the code reads
 * its raw body.
 */
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

/**
 * Stops a runbook job with a plain POST, because the generic client has no actions. Returns
 * undefined when Azure accepted the stop, otherwise the reason.
 */
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
