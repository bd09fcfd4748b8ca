// The route of the account: its endpoints for reads and writes.

import type { SimulatorResponse } from '../../wire/exchange.ts';
import { methodNotAllowed, type CosmosAccount, type CosmosRequest } from './request.ts';

export function handleAccount({ baseUrl }: CosmosAccount, { exchange }: CosmosRequest): SimulatorResponse {
  if (exchange.method !== 'GET') throw methodNotAllowed(exchange.method);
  const locations = [{ name: 'Simulator', databaseAccountEndpoint: `${baseUrl().replace(/\/+$/, '')}/` }];
  return {
    status: 200,
    body: {
      _self: '',
      id: 'simulator',
      _rid: 'simulator',
      media: '//media/',
      addresses: '//addresses/',
      _dbs: '//dbs/',
      writableLocations: locations,
      readableLocations: locations,
      enableMultipleWriteLocations: false,
      userReplicationPolicy: { asyncReplication: false, minReplicaSetSize: 3, maxReplicasetSize: 4 },
      userConsistencyPolicy: { defaultConsistencyLevel: 'Session' },
      systemReplicationPolicy: { minReplicaSetSize: 3, maxReplicasetSize: 4, asyncReplication: false },
      readPolicy: { primaryReadCoefficient: 1, secondaryReadCoefficient: 1 },
      queryEngineConfiguration: '{}',
    },
  };
}
