using System.Diagnostics;

namespace PayRecharge.IntegrationTests.Support;

/// <summary>A private nginx in front of a server.</summary>
internal sealed class NginxProxy : IAsyncDisposable
{
    private readonly string _folder;
    private readonly Process _process;

    private NginxProxy(string folder, int port, Process process) => (_folder, Address, _process) = (folder, new Uri($"http://127.0.0.1:{port}"), process);

    public Uri Address { get; }

    public string AccessLog => File.ReadAllText(Path.Combine(_folder, "payrecharge.log"));

    public string ErrorLog => File.ReadAllText(Path.Combine(_folder, "error.log"));

    /// <summary>Starts nginx with the README's location; it keeps its connections to the server.</summary>
    public static Task<NginxProxy> StartAsync(Uri server) => StartAsync(
        $"upstream payrecharge {{ server {server.Host}:{server.Port}; keepalive 1; }}",
        """
        location ~ ^/(plugin\.php|payjs/notify)$ {
            proxy_pass http://payrecharge;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_set_header Host $host;
            proxy_set_header X-Forwarded-For $remote_addr;
            proxy_set_header X-Forwarded-Proto $scheme;
        }
        """);

    /// <summary>Starts nginx.</summary>
    /// <param name="http">The content of the <c>http</c> block.</param>
    /// <param name="locations">The content of the <c>server</c> block. Logs at <c>/var/log/nginx</c> go to nginx's own folder.</param>
    public static async Task<NginxProxy> StartAsync(string http, string locations)
    {
        var folder = Directory.CreateTempSubdirectory("payrecharge-nginx-").FullName;
        var port = FreePort.Next();
        await File.WriteAllTextAsync(Path.Combine(folder, "nginx.conf"), $$"""
            daemon off;
            master_process off;
            pid {{folder}}/pid;
            error_log {{folder}}/error.log;
            events { worker_connections 256; }
            http {
                access_log off;
                client_body_temp_path {{folder}}/body;
                proxy_temp_path {{folder}}/proxy;
                fastcgi_temp_path {{folder}}/fastcgi;
                uwsgi_temp_path {{folder}}/uwsgi;
                scgi_temp_path {{folder}}/scgi;
                large_client_header_buffers 4 32k;
                {{http}}
                server {
                    listen 127.0.0.1:{{port}};
                    server_name pay.example.com;
                    {{locations.Replace("/var/log/nginx", folder, StringComparison.Ordinal)}}
                }
            }
            """);
        var process = ChildProcess.Start(new ProcessStartInfo("nginx", ["-p", folder, "-c", Path.Combine(folder, "nginx.conf"), "-e", Path.Combine(folder, "error.log")]));
        var proxy = new NginxProxy(folder, port, process);
        await Eventually.HoldsAsync(async () =>
        {
            if (process.HasExited) throw new InvalidOperationException("nginx ended: " + await File.ReadAllTextAsync(Path.Combine(folder, "error.log")));
            try
            {
                using var socket = new System.Net.Sockets.TcpClient();
                await socket.ConnectAsync("127.0.0.1", port);
                return true;
            }
            catch (System.Net.Sockets.SocketException)
            {
                return false;
            }
        });
        return proxy;
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
