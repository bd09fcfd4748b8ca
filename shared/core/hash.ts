// Derives GUIDs and name suffixes with SHA-1 (RFC 9562, version 5). Every process must derive the
// same names, also in later versions.
import { hash } from 'node:crypto';

const NAMESPACE_GUID = '5ba5bd1c-8f9e-4d3c-9a67-0b1f4f0b7a52';
const NAMESPACE = Buffer.from(NAMESPACE_GUID.replaceAll('-', ''), 'hex');

/** Returns a version 5 GUID: the same text always gives the same GUID. */
export function guidOf(text: string): string {
  const hex = hash('sha1', Buffer.concat([NAMESPACE, Buffer.from(text)]));
  const variant = ((parseInt(hex.charAt(16), 16) & 0x3) | 0x8).toString(16);
  const lastGroups = `${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-${lastGroups}`;
}

/** Returns six hexadecimal digits that distinguish two long or equal names. */
export const shortHash = (text: string): string => hash('sha1', text.toLowerCase()).slice(0, 6);
