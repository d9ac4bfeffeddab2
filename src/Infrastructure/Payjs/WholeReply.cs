namespace PayRecharge.Infrastructure.Payjs;

/// <summary>
/// Buffers the whole reply, so that the outer time limits and the size limit here also cover the body: Refit waits only for the headers.
/// </summary>
internal sealed class WholeReply : DelegatingHandler
{
    private const int MaximumBytes = 64 * 1024;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken);
        try
        {
            await response.Content.LoadIntoBufferAsync(MaximumBytes, cancellationToken);
            return response;
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }
}
