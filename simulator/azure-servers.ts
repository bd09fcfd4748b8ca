// node simulator/azure-servers.ts --data DIR --containers FILE [--port-base N]
//   [--clock real|scaled:N|jumping] [--participants NAME,...] [--environment NAME|FILE]
//   [--cosmos-ranges N] [--cosmos-throughput N] [--trace FILE] [--faults FILE]
//
// Runs the Azure servers that Lifeboat calls, in one process apart from Lifeboat. When the servers
// are ready, the process prints one line of JSON: {"ready":{...addresses}}. All other output goes
// to stderr.

import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { parseClockMode } from './clock/local-clock.ts';
import { EnvironmentError } from './environments/load.ts';
import { StartError } from './host/start-error.ts';
import { startAzureServers, type AzureServersOptions } from './azure/start-azure-servers.ts';
import { FaultFileError } from './wire/fault-file.ts';

const USAGE =
  'Usage: node simulator/azure-servers.ts --data DIR --containers FILE [--port-base N] ' +
  '[--clock real|scaled:N|jumping] [--participants NAME,...] [--environment NAME|FILE] ' +
  '[--cosmos-ranges N] [--cosmos-throughput N] [--trace FILE] [--faults FILE]';

function readArguments(): AzureServersOptions {
  try {
    const text = { type: 'string' } as const;
    const { values } = parseArgs({
      options: {
        data: text,
        'port-base': text,
        clock: text,
        participants: text,
        environment: text,
        'cosmos-ranges': text,
        'cosmos-throughput': text,
        containers: text,
        trace: text,
        faults: text,
      },
    });
    if (values.data === undefined) throw new StartError('--data is missing.');
    if (values.containers === undefined) throw new StartError('--containers is missing.');
    return {
      data: resolve(values.data),
      clock: parseClockMode(values.clock ?? 'real'),
      participants: (values.participants ?? 'host').split(',').filter((name) => name !== ''),
      environment: values.environment ?? 'contoso',
      cosmosRanges: wholeNumber('--cosmos-ranges', values['cosmos-ranges'] ?? '1'),
      ...(values['cosmos-throughput'] !== undefined && {
        cosmosThroughput: wholeNumber('--cosmos-throughput', values['cosmos-throughput']),
      }),
      containers: values.containers,
      ...(values['port-base'] !== undefined && { portBase: wholeNumber('--port-base', values['port-base']) }),
      ...(values.trace !== undefined && { trace: values.trace }),
      ...(values.faults !== undefined && { faults: values.faults }),
    };
  } catch (error) {
    throw new StartError(`${error instanceof Error ? error.message : String(error)} ${USAGE}`, {
      cause: error,
    });
  }
}

function wholeNumber(option: string, text: string): number {
  if (!/^[1-9]\d{0,4}$/.test(text)) throw new StartError(`${option} must be a whole number above 0.`);
  return Number(text);
}

async function main(): Promise<void> {
  process.removeAllListeners('warning');
  process.on('warning', (warning) => {
    // node:sqlite warns at each start that it is experimental.
    if (warning.name !== 'ExperimentalWarning') console.error(`${warning.name}: ${warning.message}`);
  });
  const azureServers = await startAzureServers(readArguments());
  let isStopping = false;
  const stop = async (): Promise<void> => {
    if (isStopping) return;
    isStopping = true;
    await azureServers.close();
    process.exit(0);
  };
  process.on('SIGTERM', () => void stop());
  process.on('SIGINT', () => void stop());
  process.stdout.write(`${JSON.stringify({ ready: azureServers.addresses })}\n`);
}

try {
  await main();
} catch (error) {
  // One line is enough for an error that the user can correct.
  const plain =
    error instanceof StartError || error instanceof EnvironmentError || error instanceof FaultFileError;
  console.error(plain ? error.message : error);
  process.exit(1);
}
