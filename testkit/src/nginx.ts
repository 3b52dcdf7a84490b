import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from './free-port.js';
import { startTool } from './tool.js';

const deployed = fileURLToPath(new URL('../../deploy/nginx.conf', import.meta.url));

export interface NginxOptions {
  /** Where the servers listen, on 127.0.0.1. */
  ports: readonly number[];
  /** Files in PEM. Default: without TLS. */
  tls?: { certificate: string; key: string };
}

export type TestNginx = Awaited<ReturnType<typeof startNginx>>;

/** A part of the file that must be there: what is deployed is what is tested. */
function replaced(text: string, part: RegExp, by: string): string {
  if (!part.test(text)) throw new Error(`deploy/nginx.conf has no ${String(part)}`);
  return text.replace(part, by);
}

/** `deploy/nginx.conf` with other addresses, and with folders that are the test's. */
function configFor({ ports, tls }: NginxOptions, port: number, folder: string): string {
  const servers = ports.map((one) => `        server 127.0.0.1:${one} $1;\n`).join('');
  let text = readFileSync(deployed, 'utf8');
  text = replaced(text, /(?: *server 127\.0\.0\.1:\d+ (.*);\n)+/g, servers);
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `    ${name}_temp_path ${join(folder, name)};\n`,
  );
  text = replaced(text, /^http \{\n/m, `$&${temporary.join('')}`);
  if (tls) {
    // As the file says: these lines in the place of those.
    text = replaced(text, / *listen 80;\n *listen \[::\]:80;\n/, '');
    text = text.replaceAll(/^( *)#(listen \S*443|ssl_|add_header)/gm, '$1$2');
    text = replaced(text, /listen 443/, `listen 127.0.0.1:${port}`);
    text = replaced(text, /\n *listen \[::\]:443 .*;/, '');
    text = replaced(text, /(ssl_certificate) .*;/, `$1 ${tls.certificate};`);
    return replaced(text, /(ssl_certificate_key) .*;/, `$1 ${tls.key};`);
  }
  text = replaced(text, /listen 80;/, `listen 127.0.0.1:${port};`);
  return replaced(text, /\n *listen \[::\]:80;/, '');
}

/** The system's nginx with the configuration that is deployed, in front of servers on this machine. `npm run test:tools` installs it. */
export async function startNginx(options: NginxOptions) {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'sori-nginx-'));
  const file = join(folder, 'nginx.conf');
  writeFileSync(file, configFor(options, port, folder));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  // Its workers would be nobody, who may not use that folder.
  const user = process.getuid?.() === 0 ? 'user root;' : '';
  const own = `daemon off; error_log stderr notice; pid ${join(folder, 'nginx.pid')}; ${user}`;
  try {
    const tool = await startTool(['nginx', '-c', file, '-p', folder, '-g', own], /start worker process /);
    return {
      url: `${options.tls ? 'https' : 'http'}://127.0.0.1:${port}`,
      port,
      /** Its own log. */
      printed: () => tool.printed(),
      async stop(): Promise<void> {
        await tool.stop();
        remove();
      },
    };
  } catch (error) {
    remove();
    throw error;
  }
}
