using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace PayRecharge.WebApi.Http;

/// <summary>
/// Accepts request lines that Apache serves but Kestrel answers with 400: URLs with bytes over 0x7F, and an HTTP/1.0 POST without a
/// length. A line with a <c>#</c> gets a 400. Requires both <see cref="UseRawTargets"/> for the endpoints and <see cref="AddRawTargets"/>.
/// </summary>
internal static class RawTargets
{
    /// <summary>The longest request target, in bytes, that is served even if all of its bytes are over 0x7F.</summary>
    public const int MaxRawTarget = 32 * 1024;

    /// <summary>The required MaxRequestLineSize of Kestrel: each raw byte of a full-length line becomes three.</summary>
    public const int MaxRequestLineSize = 3 * MaxRawTarget;

    private static readonly TimeSpan PatienceForBodies = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Edits request lines. Call it in ConfigureEndpointDefaults, so that it covers endpoints from code, URLs and configuration, with TLS
    /// and without.
    /// </summary>
    public static ListenOptions UseRawTargets(this ListenOptions listen)
    {
        listen.Use(next => connection => next(new FilteredConnection(connection)));
        return listen;
    }

    /// <summary>Reports the end of each request to the connection. Runs outside all middleware, since any of it may answer.</summary>
    public static IServiceCollection AddRawTargets(this IServiceCollection services)
    {
        services.Insert(0, ServiceDescriptor.Singleton<IStartupFilter, Outermost>());
        return services;
    }

    private static RequestDelegate Follow(RequestDelegate next) => context =>
    {
        if (context.Features.Get<FilteredConnection>() is not { } connection
            || !(HttpProtocol.IsHttp11(context.Request.Protocol) || HttpProtocol.IsHttp10(context.Request.Protocol)))
            return next(context);
        if (context.Features.Get<IHttpRequestBodyDetectionFeature>() is not { CanHaveBody: false })
            return AnswerAsync(context, next, connection);
        connection.ExpectLine();
        return next(context);
    };

    private static async Task AnswerAsync(HttpContext context, RequestDelegate next, FilteredConnection connection)
    {
        var isAtEnd = false;
        try
        {
            await next(context);
            await context.Response.CompleteAsync();
            isAtEnd = await ReadToEndAsync(context.Request.BodyReader);
        }
        finally
        {
            if (isAtEnd)
                connection.ExpectLine();
            else
                context.Features.Get<IConnectionLifetimeNotificationFeature>()?.RequestClose();
        }
    }

    /// <summary>Reads the body to its end, as the server would do next. Only then does the next request begin.</summary>
    private static async Task<bool> ReadToEndAsync(PipeReader body)
    {
        using var limit = new CancellationTokenSource(PatienceForBodies);
        try
        {
            while (true)
            {
                var read = await body.ReadAsync(limit.Token);
                body.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted)
                    return true;
            }
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or InvalidOperationException)
        {
            // The server meets the same error next, and handles it.
            return false;
        }
    }

    private sealed class Outermost : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app => next(app.Use(Follow));
    }

    // Kestrel adds TLS to an https URL after the endpoint defaults, so middleware added there always runs outside TLS. The TLS layer
    // publishes its decrypted pipe by setting Transport: wrapping each value that is set puts the filter inside TLS. The filter outside
    // sees a TLS record, which is no request line, and passes it through.
    private sealed class FilteredConnection : ConnectionContext
    {
        private readonly ConnectionContext _connection;
        private FilteredPipe _transport;

        public FilteredConnection(ConnectionContext connection)
        {
            _connection = connection;
            _transport = new(connection.Transport);
            connection.Features.Set(this);
        }

        public override IDuplexPipe Transport
        {
            get => _transport;
            set => _transport = value as FilteredPipe ?? new FilteredPipe(value);
        }

        public override string ConnectionId { get => _connection.ConnectionId; set => _connection.ConnectionId = value; }

        public override IFeatureCollection Features => _connection.Features;

        public override IDictionary<object, object?> Items { get => _connection.Items; set => _connection.Items = value; }

        public override CancellationToken ConnectionClosed
        {
            get => _connection.ConnectionClosed;
            set => _connection.ConnectionClosed = value;
        }

        public override EndPoint? LocalEndPoint { get => _connection.LocalEndPoint; set => _connection.LocalEndPoint = value; }

        public override EndPoint? RemoteEndPoint { get => _connection.RemoteEndPoint; set => _connection.RemoteEndPoint = value; }

        /// <summary>Marks the current request as read to its end.</summary>
        public void ExpectLine() => _transport.Reader.ExpectLine();

        public override void Abort(ConnectionAbortedException abortReason) => _connection.Abort(abortReason);

        public override async ValueTask DisposeAsync()
        {
            await _connection.DisposeAsync();
            await base.DisposeAsync();
        }
    }

    private sealed class FilteredPipe(IDuplexPipe pipe) : IDuplexPipe
    {
        public RawTargetReader Reader { get; } = new(pipe.Input);

        public PipeReader Input => Reader;

        public PipeWriter Output => pipe.Output;
    }
}
