"""A faithful simulator of the classic Azure Service Management API.

`python -m local.simulator --port 8443 --state DIR` speaks the REST API of web and worker role
deployments over TLS with client certificates, so that clients written for the real service work
unmodified. It shares no code with the app: what one of the two gets wrong, the other one shows.

Pure (the instant is an argument): `state`, `world`, `operations`, `deployments`, `instances`, `upgrades`,
`cloud_services`, `extensions`, `configuration`, `messages`, `wire_elements`, `wire_in`, `wire_writing`,
`wire_deployment`, `wire_out`, `routes`, `versions`, `calls`, `faults`.
At the edge: `server`, `admin`, `package`, `storage`, `certificates`, `log`, `options`, `__main__`.
"""
