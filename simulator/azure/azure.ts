// Builds the ARM server of the simulator from the environment: Resource Manager and Site Recovery
// behind one gateway.

import { join } from 'node:path';
import { createGateway } from '../arm/gateway.ts';
import type { Caller } from '../arm/linked-authorization.ts';
import { createArm, type Arm } from '../arm/server.ts';
import { RESOURCE_TYPES } from '../arm/resource-types.ts';
import { createWorld, type AzureWorld } from '../arm/world.ts';
import type { SimulatedClock } from '../clock/simulated-clock.ts';
import { loadEnvironment } from '../environments/load.ts';
import type { Environment } from '../environments/schema.ts';
import { createSiteRecovery, type SiteRecovery } from '../siterecovery/server.ts';
import type { SimulatorResponse, Handler } from '../wire/exchange.ts';
import type { Faults } from '../wire/fault.ts';

/** The loaded environment and the stored state of Azure. */
export interface AzureState {
  readonly environment: Environment;
  readonly world: AzureWorld;
  /** The simulated time of the first start with this data. */
  readonly startedAt: number;
}

/** The state and the services that the ARM server needs. */
export interface AzureOptions extends AzureState {
  /** The data folder. */
  readonly data: string;
  readonly clock: SimulatedClock;
  readonly faults: Faults;
  readonly baseUrl: () => string;
  readonly authenticate: (
    authorizationHeader: string | undefined,
  ) => Caller | { readonly refused: SimulatorResponse };
}

/** The ARM server with its admin routes. */
export interface SimulatedAzure {
  readonly handle: Handler;
  /** /siterecovery/…: accepted writes, the items, and unknown requests. */
  readonly siteRecoveryAdmin: Handler;
  /** /arm/…: budgets, run commands and runbooks. */
  readonly armAdmin: Handler;
  /** The ARM ids of the environment's vaults. */
  readonly vaults: readonly string[];
  close(): void;
}

const STARTED_KEY = 'began';

/** Loads the environment and its stored state. The first start stores the start time. */
export function loadAzureState(data: string, environmentName: string, clock: SimulatedClock): AzureState {
  const environment = loadEnvironment(environmentName);
  const world = createWorld({ dataFile: join(data, 'azure.sqlite'), environment });
  if (world.keyValues.get(STARTED_KEY) === undefined) world.keyValues.put(STARTED_KEY, clock.now());
  return { environment, world, startedAt: world.keyValues.get(STARTED_KEY) as number };
}

/** Creates the ARM server. */
export function createAzure(options: AzureOptions): SimulatedAzure {
  const { data, world, environment, clock, faults, baseUrl, authenticate } = options;
  const siteRecovery = createSiteRecovery({
    dataFile: join(data, 'siterecovery.sqlite'),
    clock,
    faults,
    environment,
    world,
    baseUrl,
    authenticate,
  });
  const arm = createArm({ world, clock, faults, tenant: environment.tenant, baseUrl });
  const front = createGateway({ world, clock, arm, siteRecovery: siteRecovery.handle, authenticate });
  const vaults = world.list({ type: RESOURCE_TYPES.vault });
  return {
    handle: front.handle,
    siteRecoveryAdmin: addUnknownArmCalls(siteRecovery, arm),
    armAdmin: front.admin,
    vaults: environment.vaults.flatMap(({ name }) => vaults.find((vault) => vault.name === name)?.id ?? []),
    close() {
      arm.close();
      siteRecovery.close();
      world.close();
    },
  };
}

/** Adds ARM's unknown requests to Site Recovery's, so that one list shows all unknown requests. */
function addUnknownArmCalls(siteRecovery: SiteRecovery, arm: Arm): Handler {
  return async (exchange) => {
    const answer = await siteRecovery.admin(exchange);
    if (exchange.method !== 'GET' || exchange.path.split('?')[0] !== '/siterecovery/unknown') return answer;
    const calls = [...(answer.body as { readonly at: number }[]), ...arm.unknown()];
    return { ...answer, body: calls.sort((a, b) => a.at - b.at) };
  };
}
