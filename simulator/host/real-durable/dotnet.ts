// The .NET SDK on this machine. The real engine and its build script need it.

import { spawnSync } from 'node:child_process';

/** Environment variables for `dotnet`: no telemetry, no logo, no first-run messages. */
export const DOTNET_ENVIRONMENT = {
  DOTNET_CLI_TELEMETRY_OPTOUT: '1',
  DOTNET_NOLOGO: '1',
  DOTNET_SKIP_FIRST_TIME_EXPERIENCE: '1',
};

/** Returns the major version of the .NET SDK, or undefined on a machine without the SDK. */
export function dotnetVersion(): string | undefined {
  const { status, stdout } = spawnSync('dotnet', ['--version'], {
    encoding: 'utf8',
    env: { ...process.env, ...DOTNET_ENVIRONMENT },
  });
  return status === 0 ? stdout.split('.')[0] : undefined;
}
