// `npm start`: starts Azure in the simulator with the sample environment, and Lifeboat beside it.
// Prints commands to try.

import { parseArgs } from 'node:util';
import { buildApp } from '../scripts/build-app.ts';
import { parseClockMode } from '../simulator/clock/local-clock.ts';
import { parseEngineName } from '../simulator/host/durable-engine.ts';
import { messageOf } from '../simulator/host/log.ts';
import { parsePortBase, readOptions } from './command-line.ts';
import { startLifeboat } from './start-lifeboat.ts';
import { waitForDeath } from './watch-processes.ts';
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

const options = readOptions(() => {
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
  const { help, data, environment, trace } = values;
  return {
    help,
    data,
    environment,
    clock: parseClockMode(values.clock),
    engine: parseEngineName(values.engine),
    portBase: parsePortBase(values['port-base']),
    ...(trace === undefined ? {} : { trace }),
  };
}, HELP);

/** One token for each role, so that a reader can send every request of the documents. */
const ROLES = ['owner', 'contributor', 'operator', 'approver', 'reader', 'alerts'] as const;

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
  clock            ${simulator.addresses.clock}/now (${options.clock})
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

async function run(): Promise<void> {
  const { help, ...simulatorOptions } = options;
  if (help) {
    console.log(HELP);
    return;
  }
  await buildApp();
  const simulator = await startLifeboat(simulatorOptions);
  let isStopping = false;
  const stop = (): void => {
    isStopping = true;
    void simulator.stop().then(() => process.exit(0));
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  const death = waitForDeath(simulator, () => isStopping);
  await Promise.race([printInstructions(simulator), death]);
  const report = await death;
  if (report !== undefined) throw new Error(report);
}

await run().catch((error: unknown) => {
  console.error(messageOf(error));
  process.exit(1);
});
