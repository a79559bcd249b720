// Preloaded into Portkey's gateway, which can not be told a host and would listen on every interface: keeps it on loopback.
const { Server } = require('node:net');
const original = Server.prototype.listen;

Server.prototype.listen = function listen(target, ...rest) {
  if (target !== null && typeof target === 'object' && 'port' in target) {
    return original.call(this, { ...target, host: '127.0.0.1' }, ...rest);
  }
  const callbacks = rest.filter((argument) => typeof argument === 'function');
  return original.call(this, { port: Number(target), host: '127.0.0.1' }, ...callbacks);
};
