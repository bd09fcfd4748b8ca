// What went wrong while Azure was read, in Lifeboat's words: nothing was changed, so the only
// question is who must do something.
import { LifeboatError, messageOf, rejected, transient } from '../core/errors.ts';

interface ArmError {
  readonly statusCode?: number;
  readonly code?: string;
}

export async function reading<T>(what: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw toFault(what, error);
  }
}

export function toFault(what: string, error: unknown): Error {
  if (error instanceof LifeboatError) return error;
  const { statusCode, code } = error as ArmError;
  const status = statusCode === undefined ? 'nothing that could be read' : String(statusCode);
  const told = `Azure answered ${status}${code === undefined ? '' : ` (${code})`}: ${messageOf(error)}`;
  if (statusCode === 401 || statusCode === 403) {
    return rejected(
      422,
      'AzureForbids',
      `Lifeboat may not read ${what}. ${told} Nothing was changed. Give Lifeboat's identity ` +
        'its role there, then ask again.',
    );
  }
  if (statusCode === 404)
    return rejected(404, 'NotInAzure', `${what} is not there. ${told} Nothing was changed.`);
  return transient(
    'AzureUnavailable',
    `Azure could not be asked for ${what} now. ${told} Nothing was changed; ask again.`,
  );
}
