// Translates errors of Azure reads into Lifeboat errors. A read changes nothing, so the error only
// states the next action and its actor.
import { LifeboatError, messageOf, rejected, transient } from '../core/errors.ts';

interface AzureError {
  readonly statusCode?: number;
  readonly code?: string;
}

/** Runs a read and translates its errors; `subject` names the resource in the message. */
export async function withReadFaults<T>(subject: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw toReadFault(subject, error);
  }
}

export function toReadFault(subject: string, error: unknown): Error {
  if (error instanceof LifeboatError) return error;
  const { statusCode, code } = error as AzureError;
  const status = statusCode === undefined ? 'nothing that could be read' : String(statusCode);
  const detail = `Azure answered ${status}${code === undefined ? '' : ` (${code})`}: ${messageOf(error)}`;
  if (statusCode === 401 || statusCode === 403) {
    return rejected(
      422,
      'AzureForbids',
      `Lifeboat may not read ${subject}. ${detail} Nothing was changed. Give Lifeboat's identity ` +
        'its role there, then try again.',
    );
  }
  if (statusCode === 404)
    return rejected(404, 'NotInAzure', `${subject} does not exist in Azure. ${detail} Nothing was changed.`);
  return transient(
    'AzureUnavailable',
    `Lifeboat could not read ${subject} from Azure now. ${detail} Nothing was changed; try again.`,
  );
}

/** For resources that only Azure can check when Lifeboat may not read them. */
export function hiddenIfForbidden(error: unknown): 'hidden' {
  if (error instanceof LifeboatError && error.code === 'AzureForbids') return 'hidden';
  throw error;
}
