/** `npm run admin -- grant NAME`: makes somebody who has signed up an admin. Whoever can run this owns the machine. */
import { loadConfig } from '../config.js';
import { accountsOn } from '../features/accounts/account.model.js';
import { createAdminCode } from '../features/accounts/admin-code.js';
import { grantAdmin } from '../features/accounts/admins.js';
import { openStore } from './open-store.js';

const usage = 'Usage: npm run admin -- grant NAME\n  makes the person with this username an admin';
/** EX_USAGE of sysexits.h. */
const usageExit = 64;

async function grant(username: string): Promise<boolean> {
  const config = loadConfig();
  const { store, close } = await openStore(config);
  try {
    const who = { accounts: accountsOn(store), adminCode: createAdminCode(config.dataDir) };
    return await grantAdmin(who, username);
  } finally {
    await close();
  }
}

async function main([command, username, ...rest]: string[]): Promise<number> {
  if (command !== 'grant' || username === undefined || rest.length > 0) {
    console.error(usage);
    return usageExit;
  }
  if (await grant(username)) {
    console.log(`${username} is an admin now.`);
    return 0;
  }
  console.error(`Nobody here has the username ${username}. They have to sign up first.`);
  return 1;
}

main(process.argv.slice(2)).then(
  (exitCode) => {
    process.exitCode = exitCode;
  },
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  },
);
