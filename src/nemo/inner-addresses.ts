import { lookup } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import * as l10n from '@vscode/l10n';
import { NemoError } from './errors.js';

/**
 * Addresses that mean this machine or the wire it hangs on. A server out there that names one wants something asked
 * which it cannot ask itself: a program on loopback, the metadata of a cloud machine. Addresses of private networks are
 * let through: a company's NemoVideo may keep its files on one.
 */
const INNER = new BlockList();
INNER.addSubnet('127.0.0.0', 8, 'ipv4');
INNER.addSubnet('0.0.0.0', 8, 'ipv4');
INNER.addSubnet('169.254.0.0', 16, 'ipv4');
INNER.addAddress('::1', 'ipv6');
INNER.addAddress('::', 'ipv6');
INNER.addSubnet('fe80::', 10, 'ipv6');

function isInnerAddress(address: string): boolean {
  const version = isIP(address);
  return version !== 0 && INNER.check(address, version === 6 ? 'ipv6' : 'ipv4');
}

/** @param hostname of a URL, IPv6 in its brackets */
export function isInnerHost(hostname: string): boolean {
  const name = hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  return /^(?:.*\.)?localhost$/i.test(name) || isInnerAddress(name);
}

/** Of a kind that is not tried again: the server would name the same address. */
export function refuseInner(): NemoError {
  return new NemoError(
    'bad-answer',
    l10n.t('The address of the finished video leads into this machine, so it was not asked.'),
  );
}

/** Finds the addresses of a host, as usual, and refuses a name that stands for an inner one. */
export const lookupOutside: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, addresses) => {
    const [first] = addresses ?? [];
    if (error || !first) callback(error, '', 0);
    else if (addresses.some(({ address }) => isInnerAddress(address))) callback(refuseInner(), '', 0);
    else if (options.all) callback(null, addresses);
    else callback(null, first.address, first.family);
  });
};
