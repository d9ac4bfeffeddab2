using MediatR;

namespace PayRecharge.Application.Behaviors;

/// <summary>Records the changes of admin messages. It is not created for other messages, so it does not slow them down.</summary>
internal sealed class ChangeBehavior<TRequest, TResponse>(CurrentChange change) : IPipelineBehavior<TRequest, TResponse> where TRequest : IAdminChange
{
    public async Task<TResponse> Handle(TRequest request, CancellationToken cancellationToken, RequestHandlerDelegate<TResponse> next)
    {
        change.Begin(typeof(TRequest).Name, request);
        try
        {
            return await next();
        }
        finally
        {
            change.End();
        }
    }
}
