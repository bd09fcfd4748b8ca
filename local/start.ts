// `npm start`: starts Azure in the simulator with the sample environment, and Lifeboat beside it.
// Prints commands to try.

import { parseArgs } from 'node:util';
import { buildApp } from '../scripts/build-app.ts';
import { parseClockMode } from '../simulator/clock/local-clock.ts';
import { parseEngineName } from '../simulator/host/durable-engine.ts';
import { startLifeboat } from './start-lifeboat.ts';
import type { Simulator } from '../simulator/simulator.ts';
import { findKnownVms, SHOP_VM_NAMES } from './known-vms.ts';
import { runFunctionNow } from './api-client.ts';

const HELP = `npm start -- [--clock real|scaled:N|jumping] [--engine simulated|real] [--data FOLDER]
  [--environment NAME|FILE] [--port-base N] [--trace FILE]

  --clock      simulated time; default: scaled:60 (a minute a second)
  --engine     the engine of the durable functions; default: simulated; real needs the .NET SDK
  --data       the folder with the state of the simulator for the next start; default: .simulator
  --environment     the sample environment; default: contoso
  --port-base  the first port; default: 7070
  --trace      writes every exchange with Azure Resource Manager to this file`;

const { values } = parseArgs({
  options: {
    clock: { type: 'string', default: 'scaled:60' },
    engine: { type: 'string', default: 'simulated' },
    data: { type: 'string', default: '.simulator' },
    environment: { type: 'string', default: 'contoso' },
    'port-base': { type: 'string', default: '7070' },
    trace: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

/** The commands of the README use tokens of these roles. */
const ROLES = ['owner', 'operator', 'approver', 'reader'] as const;

async function printInstructions(simulator: Simulator): Promise<void> {
  await runFunctionNow(simulator, 'readVaults');
  const allVms = await findKnownVms(simulator);
  const shopVms = allVms.filter(({ name }) => SHOP_VM_NAMES.includes(name));
  // In the sample environment some VMs fail over only together. Such a group is not for a first
  // try.
  const vms = shopVms.length > 0 ? shopVms : allVms;
  const tokens = await Promise.all(
    ROLES.map(async (role) => `export ${role.toUpperCase()}=${await simulator.token(role)}`),
  );
  console.log(`
Lifeboat        ${simulator.host.url}
Azure in the simulator
  Resource Manager ${simulator.addresses.arm}
  Cosmos DB        ${simulator.addresses.cosmos}
  sign-in          ${simulator.addresses.identity}
  clock            ${simulator.addresses.clock}/now (${values.clock})
  CA certificate   ${simulator.addresses.caFile}

Tokens (an hour), one a role:

export LIFEBOAT=${simulator.host.url}
${tokens.join('\n')}

Try:

curl -s $LIFEBOAT/api/v1/replications -H "Authorization: Bearer $READER"

curl -s $LIFEBOAT/api/v1/jobs -H "Authorization: Bearer $OPERATOR" -H "Idempotency-Key: ticket-1" \\
  --json '${JSON.stringify({ operation: 'failover', vms: vms.map((vm) => vm.id), ticket: 'ticket-1' })}'

curl -s $LIFEBOAT/api/v1/jobs/<id> -H "Authorization: Bearer $READER"

Then "commit", then "reprotect" with
  "cacheStorageAccountId": "${vms[0]?.sites.reversed.resourceGroupId}/providers/Microsoft.Storage/storageAccounts/shopcachesoutheastasia"
and at last "failback". Each with a key of its own. Ctrl-C stops the simulator; npm start goes on where it was.`);
}

if (values.help) {
  console.log(HELP);
} else {
  await buildApp();
  const { trace } = values;
  const simulator = await startLifeboat({
    clock: parseClockMode(values.clock),
    engine: parseEngineName(values.engine),
    data: values.data,
    environment: values.environment,
    portBase: Number(values['port-base']),
    ...(trace === undefined ? {} : { trace }),
  }).catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : String(error));
    process.exit(1);
  });
  process.once('SIGINT', () => void simulator.stop().then(() => process.exit(0)));
  process.once('SIGTERM', () => void simulator.stop().then(() => process.exit(0)));
  await printInstructions(simulator);
}
