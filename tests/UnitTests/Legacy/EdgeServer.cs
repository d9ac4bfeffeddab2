using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using PayRecharge.Application.Settings;
using PayRecharge.WebApi.Http;
using PayRecharge.WebApi.Legacy;

namespace PayRecharge.UnitTests.Legacy;

/// <summary>A real Kestrel, configured by URLs as in production. It returns the parameter "body" as it read it.</summary>
internal sealed class EdgeServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly X509Certificate2 _certificate = SelfSigned();

    public EdgeServer(bool filters)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0", "https://127.0.0.1:0").UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.ConfigureHttpsDefaults(https => https.ServerCertificate = _certificate);
            kestrel.Limits.MaxRequestLineSize = RawTargets.MaxRequestLineSize;
            if (filters)
                kestrel.ConfigureEndpointDefaults(listen => listen.UseRawTargets());
        });
        if (filters)
            builder.Services.AddRawTargets();
        _app = builder.Build();
        _app.Run(async context =>
        {
            if (context.Request.Path == "/throws")
                throw new InvalidOperationException("As a handler does that fails.");
            if (context.Request.Path == "/unread")
                return;
            if (context.Request.Path == "/echo")
            {
                using var body = new MemoryStream();
                await context.Request.Body.CopyToAsync(body);
                await context.Response.Body.WriteAsync(body.ToArray());
                return;
            }
            var parameters = await RequestReader.ReadAsync(context.Request, ClientCharset.Auto, context.RequestAborted);
            var reply = Encoding.UTF8.GetBytes($"[{parameters["body"]}]");
            context.Response.ContentLength = reply.Length;
            await context.Response.Body.WriteAsync(reply);
        });
    }

    public Task StartAsync() => _app.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _certificate.Dispose();
    }

    /// <summary>Sends raw bytes in pieces and returns everything that the server sends before it closes.</summary>
    public async Task<string> SendAsync(bool tls, params byte[][] pieces)
    {
        var url = new Uri(_app.Urls.Single(url => url.StartsWith(tls ? "https:" : "http:", StringComparison.Ordinal)));
        using var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync(url.Host, url.Port);
        Stream stream = client.GetStream();
        if (tls)
        {
            var ssl = new SslStream(stream);
            await ssl.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
            {
                TargetHost = "localhost",
                CertificateChainPolicy = Trusting(_certificate),
            });
            stream = ssl;
        }
        await using var _ = stream;
        foreach (var piece in pieces)
            await stream.WriteAsync(piece);
        using var reply = new MemoryStream();
        await stream.CopyToAsync(reply).WaitAsync(TimeSpan.FromMinutes(4));
        return Encoding.UTF8.GetString(reply.ToArray());
    }

    private static X509ChainPolicy Trusting(X509Certificate2 certificate) => new()
    {
        TrustMode = X509ChainTrustMode.CustomRootTrust,
        CustomTrustStore = { certificate },
        RevocationMode = X509RevocationMode.NoCheck,
    };

    private static X509Certificate2 SelfSigned()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddHours(-1), now.AddHours(1));
    }
}
