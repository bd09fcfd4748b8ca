// Builds the data of the durableClient binding and the links that the client shows to its callers.

export const RPC_PATH = 'durabletask';
export const WEBHOOK_PATH = 'runtime/webhooks/durabletask';

const ID_PLACEHOLDER = 'INSTANCEID';

function hubQuery(taskHub: string): string {
  return `taskHub=${encodeURIComponent(taskHub)}&connection=Storage`;
}

/** Returns the binding data as JSON text. */
export function durableClientData(hostUrl: string, taskHub: string): string {
  const base = `${hostUrl}/${WEBHOOK_PATH}`;
  return JSON.stringify({
    taskHubName: taskHub,
    creationUrls: {
      createNewInstancePostUri: `${base}/orchestrators/{functionName}[/{instanceId}]?${hubQuery(taskHub)}`,
    },
    managementUrls: managementLinks(hostUrl, taskHub, ID_PLACEHOLDER),
    baseUrl: base,
    requiredQueryStringParameters: hubQuery(taskHub),
    // The client itself uses `rpcBaseUrl`. People and programs follow the other links.
    rpcBaseUrl: `${hostUrl}/${RPC_PATH}/`,
  });
}

export function managementLinks(hostUrl: string, taskHub: string, id: string): Record<string, string> {
  const instance = `${hostUrl}/${WEBHOOK_PATH}/instances/${id}`;
  const end = hubQuery(taskHub);
  return {
    id,
    statusQueryGetUri: `${instance}?${end}`,
    sendEventPostUri: `${instance}/raiseEvent/{eventName}?${end}`,
    terminatePostUri: `${instance}/terminate?reason={text}&${end}`,
    rewindPostUri: `${instance}/rewind?reason={text}&${end}`,
    purgeHistoryDeleteUri: `${instance}?${end}`,
    suspendPostUri: `${instance}/suspend?reason={text}&${end}`,
    resumePostUri: `${instance}/resume?reason={text}&${end}`,
  };
}
