// A mail server for tests, on loopback only. It keeps nothing and delivers nothing: each mail is a line of JSON on standard output.
//
//   node server.mjs [--tls starttls|tls] [--key FILE --cert FILE] [--user NAME --password WORD] [--refuse ADDRESS]
//
// With --user nobody may send without signing in, and nobody may sign in without TLS. The first line on standard output is a JSON object with
// the port. The server ends on SIGTERM, and when its standard input is closed, so that it does not outlive a test that was killed.
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { SMTPServer } from 'smtp-server'

const { values } = parseArgs({
  options: {
    tls: { type: 'string' },
    key: { type: 'string' },
    cert: { type: 'string' },
    user: { type: 'string' },
    password: { type: 'string' },
    refuse: { type: 'string' }
  }
})

const say = value => process.stdout.write(`${JSON.stringify(value)}\n`)
const server = new SMTPServer({
  name: 'localhost',
  banner: 'mail server of the tests',
  secure: values.tls === 'tls',
  ...(values.key ? { key: readFileSync(values.key), cert: readFileSync(values.cert) } : {}),
  disabledCommands: [...(values.tls ? [] : ['STARTTLS']), ...(values.user ? [] : ['AUTH'])],
  authOptional: !values.user,
  disableReverseLookup: true,
  onAuth: (given, session, done) =>
    given.username === values.user && given.password === values.password ? done(null, { user: given.username }) : done(new Error('no such user, or another password')),
  onRcptTo: (address, session, done) =>
    address.address === values.refuse ? done(Object.assign(new Error('no such mailbox'), { responseCode: 550 })) : done(),
  onData: (stream, session, done) => {
    const parts = []
    stream.on('data', part => parts.push(part))
    stream.on('end', () => {
      say({
        from: session.envelope.mailFrom.address,
        to: session.envelope.rcptTo.map(recipient => recipient.address),
        secure: session.secure,
        user: session.user ?? null,
        message: Buffer.concat(parts).toString('utf8')
      })
      done()
    })
  }
})

server.on('error', () => {}) // A client that gave up is the client's affair.
server.listen(0, '127.0.0.1', () => say({ port: server.server.address().port }))
for (const signal of ['SIGTERM', 'SIGINT']) {
  process.on(signal, () => process.exit(0))
}
process.stdin.on('end', () => process.exit(0)).resume()
