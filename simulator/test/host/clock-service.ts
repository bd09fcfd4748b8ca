// Serves a jumping clock over HTTP, as the simulator does. The clock waits for the host.

import { createClockService } from '../../clock/clock-server.ts';
import type { LocalClock } from '../../clock/jump-control.ts';
import { createLocalClock } from '../../clock/local-clock.ts';
import { createFaults } from '../../wire/faults.ts';
import { startServer } from '../../wire/server.ts';

export interface ClockService {
  readonly clock: LocalClock;
  readonly url: string;
  close(): Promise<void>;
}

export async function startJumpingClockService(
  start = Date.parse('2030-01-01T00:00:00Z'),
): Promise<ClockService> {
  const clock = createLocalClock('jumping', { start });
  const server = await startServer({
    service: 'clock',
    handler: createClockService(clock, { participants: ['host'] }),
    faults: createFaults(),
    port: 0,
  });
  return {
    clock,
    url: server.url,
    async close() {
      clock.close();
      await server.close();
    },
  };
}
