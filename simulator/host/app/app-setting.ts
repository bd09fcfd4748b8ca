// Replaces `%NAME%` in a binding property with the app setting NAME.

import { StartError } from '../start-error.ts';

/**
 * Returns `text` with each `%NAME%` replaced. `property` begins the error: `Function "a": its
 * schedule`.
 */
export function expandSettings(text: string, property: string): string {
  return text.replaceAll(/%([^%]+)%/g, (_whole, name: string) => {
    const value = process.env[name];
    if (value === undefined || value === '')
      throw new StartError(`${property} names the setting "${name}", which is not set.`);
    return value;
  });
}
