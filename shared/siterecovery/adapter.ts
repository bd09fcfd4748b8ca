// The port, through the SDK: reads as they are, and writes of which only the write's own answer is taken.
import type { SiteRecoveryManagementClient } from '@azure/arm-recoveryservices-siterecovery';
import { azureCredential } from '../azure/credential.ts';
import { config } from '../config.ts';
import type { WriteAnswer } from '../domain/attempt.ts';
import { messageOf } from '../errors.ts';
import { addressOf, lastSegment, type SiteRecovery, type WriteRequest } from './port.ts';
import { toItem, toJob, toJobEntry } from './read.ts';
import { scenarios } from './scenarios.ts';

const ARM_SCOPE = 'https://management.azure.com/.default';

/** The SDK would follow the write with polls of its own, and would repeat it after a 500: this ends the call at the write's answer. */
class OwnAnswer extends Error {
  readonly answer: WriteAnswer;
  constructor(answer: WriteAnswer) {
    super('The answer to the write was taken.');
    this.answer = answer;
  }
}

interface RawResponse {
  readonly status: number;
  readonly headers: { get(name: string): string | undefined };
  readonly bodyAsText?: string | null | undefined;
}

const statusOf = (error: unknown): unknown => (error as { statusCode?: unknown }).statusCode;

async function orUndefined<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (statusOf(error) === 404) return undefined;
    throw error;
  }
}

export interface VaultAddress {
  readonly subscription: string;
  readonly resourceGroup: string;
  readonly vault: string;
}

export function vaultAddressOf(armId: string): VaultAddress {
  const [, , subscription = '', , resourceGroup = '', , , , vault = ''] = armId.split('/');
  return { subscription, resourceGroup, vault };
}

const clients = new Map<string, Promise<SiteRecoveryManagementClient>>();

/** No retries inside: the phase that asks looks again by itself, in story time, and honours Retry-After. */
function clientFor(subscription: string): Promise<SiteRecoveryManagementClient> {
  const made = clients.get(subscription) ?? makeClient(subscription);
  clients.set(subscription, made);
  return made;
}

async function makeClient(subscription: string): Promise<SiteRecoveryManagementClient> {
  const { SiteRecoveryManagementClient } = await import('@azure/arm-recoveryservices-siterecovery');
  const options = { endpoint: config().LIFEBOAT_ARM_ENDPOINT, credentialScopes: ARM_SCOPE, retryOptions: { maxRetries: 0 } };
  return new SiteRecoveryManagementClient(await azureCredential(), subscription, options);
}

export async function siteRecoveryOf(vaultArmId: string): Promise<SiteRecovery> {
  const { subscription, resourceGroup, vault } = vaultAddressOf(vaultArmId);
  const client = await clientFor(subscription);
  return {
    items: async () => (await all(client.replicationProtectedItems.list(vault, resourceGroup))).map(toItem).filter((item) => item !== undefined),
    async item(armId) {
      const { fabric, container, name } = addressOf(armId);
      const found = await orUndefined(client.replicationProtectedItems.get(vault, resourceGroup, fabric, container, name));
      return found && toItem(found);
    },
    jobs: async () => (await all(client.replicationJobs.list(vault, resourceGroup))).map(toJobEntry),
    async job(id) {
      const found = await orUndefined(client.replicationJobs.get(vault, resourceGroup, id));
      return found && toJob(found);
    },
    async ready() {
      await (await azureCredential()).getToken(ARM_SCOPE);
    },
    send: (request, clientRequestId, deadline) => sendOnce(client, { resourceGroup, vault }, request, clientRequestId, deadline),
  };
}

type At = Pick<VaultAddress, 'resourceGroup' | 'vault'>;

async function sendOnce(client: SiteRecoveryManagementClient, at: At, request: WriteRequest, clientRequestId: string, deadline: Date): Promise<WriteAnswer> {
  const options = {
    requestOptions: { customHeaders: { 'x-ms-client-request-id': clientRequestId } },
    abortSignal: AbortSignal.timeout(Math.max(1, deadline.getTime() - Date.now())),
    onResponse: (response: RawResponse) => {
      throw new OwnAnswer(toAnswer(response));
    },
  };
  try {
    await scenarios[request.item.scenario].writes[request.operation](client, at, request, options);
    return noAnswer('The SDK ended the call without showing the answer.');
  } catch (error) {
    return error instanceof OwnAnswer ? error.answer : noAnswer(messageOf(error));
  }
}

const noAnswer = (message: string): WriteAnswer => ({ status: null, armJobId: null, retryAfterSeconds: null, code: 'NoAnswer', message });

function toAnswer(response: RawResponse): WriteAnswer {
  const operation = response.headers.get('azure-asyncoperation');
  const seconds = Number(response.headers.get('retry-after'));
  const { code, message } = errorIn(response.bodyAsText);
  return {
    status: response.status,
    armJobId: operation ? lastSegment(operation) : null,
    retryAfterSeconds: Number.isFinite(seconds) && seconds > 0 ? seconds : null,
    code: code ?? `Http${response.status}`,
    message: message ?? `Azure answered ${response.status}.`,
  };
}

/** The useful code of a Site Recovery error stands in its first detail. */
function errorIn(body: string | null | undefined): { code?: string | undefined; message?: string | undefined } {
  try {
    const { error } = JSON.parse(body ?? '') as { error?: { code?: string; message?: string; details?: { code?: string; message?: string }[] } };
    return { code: error?.details?.[0]?.code ?? error?.code, message: error?.details?.[0]?.message ?? error?.message };
  } catch {
    return {};
  }
}

async function all<T>(pages: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const one of pages) list.push(one);
  return list;
}
