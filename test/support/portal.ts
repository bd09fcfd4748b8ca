// A colleague in the portal: the same requests to Azure, with their own token.
import { request } from 'node:https';
import type { Simulator } from '../../simulator/simulator.ts';

export interface PortalAnswer {
  readonly status: number | undefined;
  readonly body: unknown;
}

export async function callAsPortalUser(
  simulator: Simulator,
  method: string,
  path: string,
  body?: unknown,
): Promise<PortalAnswer> {
  const token = await simulator.token('colleague');
  return new Promise((resolve, reject) => {
    const call = request(
      new URL(
        path.includes('api-version=') ? path : `${path}?api-version=2023-06-01`,
        simulator.addresses.arm,
      ),
      {
        method,
        rejectUnauthorized: false,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      },
      (answer) => {
        const parts: Buffer[] = [];
        answer.on('data', (part: Buffer) => parts.push(part));
        answer.on('end', () => {
          const text = Buffer.concat(parts).toString();
          resolve({
            status: answer.statusCode,
            body: text === '' ? undefined : (JSON.parse(text) as unknown),
          });
        });
      },
    );
    call.on('error', reject);
    call.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
