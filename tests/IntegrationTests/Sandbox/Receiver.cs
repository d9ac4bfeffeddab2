using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace PayRecharge.IntegrationTests.Sandbox;

/// <summary>The merchant's side of a notification: keeps the raw forms and sends the test's answer.</summary>
internal sealed class Receiver : IAsyncDisposable
{
    private readonly WebApplication app;

    private Receiver(WebApplication app)
    {
        this.app = app;
        app.MapPost("/{*path}", async (HttpContext context) =>
        {
            using var reader = new StreamReader(context.Request.Body);
            ContentType = context.Request.ContentType;
            Forms.Enqueue(await reader.ReadToEndAsync());
            await Answer(context);
        });
    }

    public ConcurrentQueue<string> Forms { get; } = [];

    public string? ContentType { get; private set; }

    /// <summary>200 by default.</summary>
    public Func<HttpContext, Task> Answer { get; set; } = context => context.Response.WriteAsync("success");

    public string Url => $"{app.Urls.Single()}/notify";

    public static async Task<Receiver> StartAsync()
    {
        var builder = WebApplication.CreateBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var receiver = new Receiver(builder.Build());
        await receiver.app.StartAsync();
        return receiver;
    }

    public void AnswerStatus(int status) => Answer = context =>
    {
        context.Response.StatusCode = status;
        return Task.CompletedTask;
    };

    public Task UntilAsync(int count) => SandboxHost.UntilAsync(() => Task.FromResult(Forms.Count >= count));

    public static Dictionary<string, string> Fields(string form) =>
        form.Split('&').Select(pair => pair.Split('=')).ToDictionary(pair => pair[0], pair => Uri.UnescapeDataString(pair[1].Replace('+', ' ')));

    public ValueTask DisposeAsync() => app.DisposeAsync();
}
