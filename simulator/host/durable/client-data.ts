// Builds the data of the durableClient binding and the links that the client shows to its callers.

import { HOST_KEY_QUERY } from '../http/host-key.ts';
import type { DurableSettings } from '../settings.ts';

export const RPC_PATH = 'durabletask';
export const WEBHOOK_PATH = 'runtime/webhooks/durabletask';

const ID_PLACEHOLDER = 'INSTANCEID';

/** Returns the binding data as JSON text. `rpcUrl` is the address for the app's own client. */
export function durableClientData(hostUrl: string, rpcUrl: string, settings: DurableSettings): string {
  const base = `${hostUrl}/${WEBHOOK_PATH}`;
  const create = `${base}/orchestrators/{functionName}[/{instanceId}]`;
  const wait = 'timeout={timeoutInSeconds}&pollingInterval={intervalInSeconds}';
  const rewind = `${base}/instances/${ID_PLACEHOLDER}/rewind?reason={text}`;
  return JSON.stringify({
    taskHubName: settings.taskHub,
    creationUrls: {
      createNewInstancePostUri: `${create}?${HOST_KEY_QUERY}`,
      createAndWaitOnNewInstancePostUri: `${create}?${wait}&${HOST_KEY_QUERY}`,
    },
    managementUrls: {
      ...managementLinks(hostUrl, settings, ID_PLACEHOLDER),
      rewindPostUri: `${rewind}&${hubQuery(settings)}`,
    },
    baseUrl: base,
    requiredQueryStringParameters: HOST_KEY_QUERY,
    // The client itself uses `rpcBaseUrl`. People and programs follow the other links.
    rpcBaseUrl: `${rpcUrl}/${RPC_PATH}/`,
  });
}

/** Returns the links for one instance. Azure's answers omit the link for a rewind. */
export function managementLinks(
  hostUrl: string,
  settings: DurableSettings,
  id: string,
): Record<string, string> {
  const instance = `${hostUrl}/${WEBHOOK_PATH}/instances/${id}`;
  const end = hubQuery(settings);
  return {
    id,
    statusQueryGetUri: `${instance}?${end}`,
    sendEventPostUri: `${instance}/raiseEvent/{eventName}?${end}`,
    terminatePostUri: `${instance}/terminate?reason={text}&${end}`,
    purgeHistoryDeleteUri: `${instance}?${end}`,
    restartPostUri: `${instance}/restart?${end}`,
    suspendPostUri: `${instance}/suspend?reason={text}&${end}`,
    resumePostUri: `${instance}/resume?reason={text}&${end}`,
  };
}

function hubQuery({ taskHub, connectionName }: DurableSettings): string {
  const hub = `taskHub=${encodeURIComponent(taskHub)}`;
  return `${hub}&connection=${encodeURIComponent(connectionName)}&${HOST_KEY_QUERY}`;
}
